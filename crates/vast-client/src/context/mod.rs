//! What does not change during a request, and during one of its lanes. Attempts and hops borrow these values; each of them
//! has only its deadline and the number of its document.

mod budget;
mod lane;
mod request;

pub(crate) use budget::{MAX_REPORTS, TREE_ADS};
pub use lane::LaneContext;
pub(crate) use lane::LaneRules;
pub(crate) use request::{RequestContext, Settings};
