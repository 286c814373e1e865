//! Results as JSON: what `vast request --format json` and `vast parse --format json` print.
//!
//! Every type borrows from the value that it shows, and is written without an intermediate tree. These rules apply
//! everywhere:
//!
//! * lists and tables are always present and may be empty; a value that is absent is left out and never `null`;
//! * every URL that is called or opened is an object with `url` and `hop`, where hop 0 is the source's own document;
//! * `*_ms` are whole milliseconds, except `elapsed_ms` and the times of [`Stats`], which have two decimals; bitrates are kbit/s;
//! * closed sets are written as the names that their `as_str` gives. A later version may add names and keys. A version
//!   that removes a name or a key increases [`RequestResult::SCHEMA`].
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use vast_client::{SourceConfig, VastClient, wire};
//!
//! let source = SourceConfig::inline("<VAST version=\"4.2\"/>").named("east");
//! let result = VastClient::new(source)?.request_ad().await;
//! let json = serde_json::to_string(&wire::RequestResult::from(&result))?;
//! assert!(json.starts_with(r#"{"schema":1,"success":false,"sources":[{"name":"east","#));
//! # Ok(())
//! # }
//! ```
//!
//! [`request_schema`], [`parse_schema`] and [`run_summary_schema`] give the JSON Schemas; docs/schema holds them as files.

mod ad;
mod ad_source;
mod break_end;
mod companion;
mod creative;
mod due;
mod extension;
mod icon;
mod interactive;
mod linear;
mod media;
mod metadata;
mod milliseconds;
mod non_linear;
mod parsed;
#[cfg(feature = "replay")]
mod replay;
mod resource;
mod result;
mod schema;
mod source;
mod stats;
#[cfg(test)]
mod tests;
mod tracker;
mod verification;

pub use ad::{Ad, AdKind, BlockedCategories, Category, Pricing, Survey, WrapperStep};
pub use ad_source::{AdSource, BreakEvents};
pub use break_end::BreakEnd;
pub use companion::Companion;
pub use creative::{Creative, UniversalAdId};
pub use due::{DueTracker, TrackResult};
pub use extension::{Attributes, Extension, XmlElement};
pub use icon::{FallbackImage, Icon};
pub use interactive::{ClosedCaptionFile, InteractiveFile, Mezzanine};
pub use linear::Linear;
pub use media::{MediaFile, MediaRanking};
pub use metadata::{Metadata, Order, Tracked};
pub use non_linear::NonLinear;
pub use parsed::{AdBreak, ParsedData, Warning};
#[cfg(feature = "replay")]
pub use replay::{AnswerNumbers, DifferingRequest, FailedReplay, ReplayComparison, ReplayResult, ShortAnswer};
pub use resource::{Resource, ResourceKind};
pub use result::RequestResult;
pub use schema::{parse_schema, request_schema, run_summary_schema, track_schema};
#[cfg(feature = "replay")]
pub use schema::{replay_comparison_schema, replay_schema};
pub use source::{Candidate, DisplacedBy, End, ErrorEntry, Hop, ReadWrapper, Redirect, Source};
pub use stats::{
    ArmNumbers, BeaconNumbers, Bucket, Latency, OutcomeNumbers, RequestNumbers, RunSummary, SourceNumbers, Stages,
    Stats,
};
pub use tracker::{TrackedUrl, Tracker, TrackingEvents, ViewableImpression};
pub use verification::{ResourceRuntime, Verification, VerificationResource};
