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
pub(crate) use request::{RequestContext, Settings, SharedParts};

/// The size of the future that a function returns, in bytes. The function is not called.
#[cfg(test)]
pub(crate) fn room_of_future<A, F>(_: impl Fn(A) -> F) -> usize {
    size_of::<F>()
}
