//! The newest requests: which are shown, their data as JSON, and the replay that explains one of them.

mod explained;
mod filter;
mod report;

pub(in crate::admin) use explained::{ExplainedRequest, explain, recording_of};
pub(in crate::admin) use filter::RequestFilter;
pub(in crate::admin) use report::{RequestBeacons, beacons};
pub(crate) use report::{RequestList, RequestReport};
