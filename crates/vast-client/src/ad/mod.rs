//! The ad as RESOLVE makes it, SELECT judges it and TRACK calls it: an `InLine` and the wrappers above it.
//!
//! Nothing is copied together: every level stays as it was read, and what an ad inherits is asked for when it is needed,
//! each item with the document (`hop`) it came from. The rules of inheritance are the methods of [`ResolvedAd`], and nowhere
//! else:
//!
//! | item | from |
//! |---|---|
//! | impressions, errors, trackers, click trackers, viewability, verifications, extensions | all levels, outermost first, equal ones kept |
//! | the page of a click | the `InLine`, else the nearest wrapper |
//! | companions | all levels, nearest first; a wrapper's without a resource adds its trackers to those of the `InLine` |
//! | icons | all levels, one per program, the nearest |
//! | pricing | the outermost wrapper that says it, else the `InLine` |
//! | position in a pod | the outermost level that has one |
//! | `adType`, `conditionalAd` | the `InLine`, else the nearest wrapper |
//! | everything else | the `InLine`: media files, resources and parameters of wrappers count for nothing |

mod companions;
mod contribution;
mod cut;
mod document;
mod factors;
mod icons;
mod inherited;
mod level;
mod limit;
mod linear;
mod non_linear;
mod owed;
mod place;
pub(crate) mod provenance;
mod resolved;
#[cfg(test)]
mod tests;
mod tree;
mod whole;

pub use crate::request::SourceTree;
pub use companions::{CompanionSet, MergedCompanion};
pub use contribution::Contribution;
pub use document::DocumentInfo;
pub use inherited::Inherited;
pub use level::Level;
pub(crate) use level::applies;
pub(crate) use limit::limit_wrapper;
pub use limit::{MAX_TRACKERS, TrackersCut};
pub(crate) use owed::OwedUrl;
pub use place::{Place, Placed};
pub use resolved::ResolvedAd;
pub(crate) use tree::wrapper_errors;
pub use tree::{WrapperLevel, blocked_categories};
pub use whole::MergedViewability;
