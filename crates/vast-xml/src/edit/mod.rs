//! Edits the text of a document. Every byte that is not part of an edit stays the same.
//!
//! [`write`](crate::write()) makes a new document from the model. An [`Editor`] changes the existing text: it finds the
//! elements in it and changes only these. Comments, blanks, quotes, line ends and unknown parts stay. It works on VAST
//! and VMAP, and on VAST that is written as text in a VMAP, in CDATA or escaped.
//!
//! ```
//! use vast_xml::ParseOptions;
//! use vast_xml::edit::{Editor, TrackerKind};
//! use vast_xml::model::Event;
//!
//! let document = br#"<VAST version="3.0"><!-- ours -->
//!   <Ad id = 'a'><InLine>
//!     <AdSystem>s</AdSystem>
//!     <Impression>https://a.example/old</Impression>
//!     <Creatives><Creative><Linear><TrackingEvents/></Linear></Creative></Creatives>
//!   </InLine></Ad>
//! </VAST>"#;
//! let mut editor = Editor::new(document, &ParseOptions::default())?;
//! for ad in editor.ads() {
//!     for impression in editor.find(ad, "Impression") {
//!         editor.set_text(impression, "https://a.example/new?a=1&b=2")?;
//!     }
//!     editor.insert_tracker(ad, &TrackerKind::Impression, "https://own.example/i")?;
//!     for linear in editor.find(ad, "Linear") {
//!         editor.insert_tracker(linear, &TrackerKind::Tracking(Event::Start), "https://own.example/s")?;
//!     }
//! }
//! assert_eq!(editor.finish(), r#"<VAST version="3.0"><!-- ours -->
//!   <Ad id = 'a'><InLine>
//!     <AdSystem>s</AdSystem>
//!     <Impression>https://a.example/new?a=1&amp;b=2</Impression>
//!     <Impression><![CDATA[https://own.example/i]]></Impression>
//!     <Creatives><Creative><Linear><TrackingEvents><Tracking event="start"><![CDATA[https://own.example/s]]></Tracking></TrackingEvents></Linear></Creative></Creatives>
//!   </InLine></Ad>
//! </VAST>"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod content;
mod editor;
mod error;
mod finish;
mod layer;
mod new_element;
mod node;
mod order;
mod read;
mod source;
mod splice;
mod tag;
mod tracker;

pub use editor::Editor;
pub use error::EditError;
pub use new_element::NewElement;
pub use node::ElementId;
pub use source::source_text;
pub use tracker::TrackerKind;
