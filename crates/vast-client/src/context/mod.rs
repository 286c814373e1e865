//! What is fixed for the duration of a request, and of one lane of it. Attempts and hops borrow it and change nothing but
//! their deadline and the number of their document.

mod budget;
mod lane;
mod request;

pub(crate) use budget::TREE_ADS;
pub use lane::LaneContext;
pub(crate) use lane::LaneRules;
pub(crate) use request::{RequestContext, Settings};
