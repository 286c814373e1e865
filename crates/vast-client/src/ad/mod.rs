//! A resolved ad: an `InLine` and the wrappers above it. RESOLVE builds it, SELECT checks it, TRACK calls its trackers.
//!
//! Levels are not copied into one ad: each stays as it was read. The methods of [`ResolvedAd`] compute what the ad inherits
//! when it is needed, each item with the document (`hop`) that it came from. Only relative URLs are changed (`urls.rs`): they
//! are resolved against the URL of their document, because an ad is used without its documents. These methods are the only
//! place with the rules of inheritance:
//!
//! | item | taken from |
//! |---|---|
//! | impressions, errors, trackers, click trackers, viewability, verifications, extensions | all levels, outermost first, equal ones kept |
//! | `ClickThrough` | the `InLine`, else the nearest wrapper |
//! | companions | all levels, nearest first; a wrapper's without a resource adds its trackers to those of the `InLine` |
//! | icons | all levels, one per program, the nearest |
//! | pricing | the outermost wrapper that has one, else the `InLine` |
//! | position in a pod | the outermost level that has one |
//! | `adType`, `conditionalAd` | the `InLine`, else the nearest wrapper |
//! | everything else | the `InLine`; media files, resources and parameters of wrappers are ignored |

mod chain;
mod companions;
mod creatives;
mod flatten;
mod inherited_limit;
mod level;
mod limit;
mod model_size;
mod part;
mod resolved;
#[cfg(test)]
mod tests;
mod urls;

pub use crate::journal::DocumentInfo;
pub use crate::request::SourceTree;
pub(crate) use chain::{ErrorUrl, wrapper_errors};
pub use chain::{WrapperLevel, blocked_categories};
pub use companions::{CompanionSet, MergedCompanion};
pub(crate) use flatten::flatten;
pub use inherited_limit::MAX_INHERITED_BYTES;
pub(crate) use inherited_limit::limit_inherited;
pub(crate) use level::applies;
pub use level::{Contribution, Level};
pub(crate) use limit::limit_wrapper;
pub use limit::{MAX_TRACKERS, TrackersDropped};
pub(crate) use model_size::model_bytes;
pub use part::{IndexedPart, Inherited, PartIndex};
pub use resolved::{MergedViewability, ResolvedAd};
pub(crate) use urls::{bytes_added, resolve_ads, resolve_urls};
