//! Reads, converts and writes VAST, the XML format in which video ads are delivered.
//!
//! Documents of every version from 1.0 to 4.4 are read into one [`model`]. The reader is lenient: it accepts elements of all
//! versions, whatever version the document declares, and reports every deviation that it accepts as a [`Warning`]. Elements
//! and attributes that are not in the standard are kept. [`convert`] makes documents of other versions, and [`macros`]
//! expands the `[MACRO]`s in the URLs. This crate reads no clock, uses no random numbers and does no I/O.
//!
//! ```
//! use vast_xml::{ParseOptions, parse};
//!
//! let document = parse(
//!     br#"<VAST version="3.0"><Ad id="1"><InLine>
//!           <AdSystem>example</AdSystem><AdTitle>Shoes</AdTitle>
//!           <Impression><![CDATA[https://ads.example/seen?cb=[CACHEBUSTING]]]></Impression>
//!           <Creatives><Creative><Linear>
//!             <Duration>00:00:15</Duration>
//!             <MediaFiles><MediaFile type="video/mp4" width="640" height="360">https://cdn.example/shoes.mp4</MediaFile></MediaFiles>
//!           </Linear></Creative></Creatives>
//!         </InLine></Ad></VAST>"#,
//!     &ParseOptions::default(),
//! )?;
//! let inline = document.vast.ads[0].inline().expect("not a wrapper");
//! let linear = inline.creatives[0].linear.as_ref().expect("a linear ad");
//! assert_eq!(linear.media_files[0].url, "https://cdn.example/shoes.mp4");
//! assert_eq!(linear.duration.map(|duration| duration.as_secs()), Some(15));
//! assert!(document.warnings.is_empty());
//! # Ok::<(), vast_xml::ParseError>(())
//! ```

mod attributes;
pub mod convert;
pub mod edit;
mod edition;
mod error;
mod inject;
pub mod macros;
mod misplaced;
pub mod model;
mod name_table;
mod options;
mod parse;
mod position;
mod scalar;
mod sixteen;
mod source_token;
mod text;
mod version;
pub mod vmap;
mod warning;
mod write;
mod xml;

pub use error::{ParseError, ParseErrorKind};
pub use inject::Injection;
pub use options::{Limits, ParseOptions};
pub use parse::{Document, opened_text, parse};
pub use position::{Locator, Position};
pub use scalar::parse_offset;
pub use source_token::{SourceAttribute, SourceTag, SourceToken, source_tokens};
pub use text::Text;
pub use version::{UnknownVersion, Version};
pub use vmap::{AnyDocument, parse_any};
pub use warning::{Severity, Warning, WarningCode};
pub use write::{write, write_into};
pub use xml::{Decoded, decode};
