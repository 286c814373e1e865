//! The values that do not change during a request or during one of its lanes. Attempts and hops borrow them, and add
//! only their own deadline and the number of their document.

mod budget;
mod lane;
mod outside;
mod request;

pub(crate) use budget::{MAX_REPORTS, TREE_ADS};
pub use lane::LaneContext;
pub(crate) use lane::{LaneCache, LaneRules};
#[cfg(feature = "recording")]
pub(crate) use outside::DocumentLog;
pub(crate) use outside::{ObservedDocument, Outside};
pub(crate) use request::{RequestContext, Settings};
