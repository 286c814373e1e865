//! VMAP 1.0: playlists of ad breaks. A break has a time in the content and the source of its ads.
//!
//! A VMAP document (IAB Digital Video Multiple Ad Playlist) has the times of the breaks. The ads come from VAST: a
//! break has an ad tag or contains the VAST document. The reader works as for VAST: it is lenient, gives plain data
//! with a [`Warning`](crate::Warning) for each deviation, applies the same [`Limits`](crate::Limits), and keeps unknown
//! parts.
//!
//! ```
//! use vast_xml::ParseOptions;
//! use vast_xml::vmap::{AdData, TimeOffset, parse};
//!
//! let document = parse(
//!     br#"<vmap:VMAP xmlns:vmap="http://www.iab.net/videosuite/vmap" version="1.0">
//!           <vmap:AdBreak timeOffset="start" breakType="linear" breakId="preroll">
//!             <vmap:AdSource id="1" allowMultipleAds="true" followRedirects="true">
//!               <vmap:AdTagURI templateType="vast3"><![CDATA[https://ads.example/vast?pod=1]]></vmap:AdTagURI>
//!             </vmap:AdSource>
//!           </vmap:AdBreak>
//!         </vmap:VMAP>"#,
//!     &ParseOptions::default(),
//! )?;
//! let preroll = &document.vmap.breaks[0];
//! assert_eq!(preroll.time_offset, Some(TimeOffset::Start));
//! let Some(AdData::Tag(tag)) = preroll.ad_data() else { panic!("an ad tag") };
//! assert_eq!(tag.uri, "https://ads.example/vast?pod=1");
//! # Ok::<(), vast_xml::ParseError>(())
//! ```

mod ad_break;
mod ad_source;
mod error_macros;
mod parse;
mod playlist;
mod time_offset;
mod write;

pub use ad_break::{AdBreak, BreakEvent, BreakTracking, BreakType};
pub use ad_source::{AdData, AdSource, AdTag, CustomAdData, TemplateType};
pub use error_macros::with_error;
pub use parse::{AnyDocument, VmapDocument, parse, parse_any};
pub use playlist::Vmap;
pub use time_offset::TimeOffset;
pub use write::write;
