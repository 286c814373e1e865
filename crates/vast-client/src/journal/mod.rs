//! The journal: the facts of a request in order of time. The result, the JSON, the log and the error reports are made from
//! it.

mod fact;
mod log;
mod trace;

pub use fact::{DocumentInfo, Entry, Fact, Outcome, SkipReason, TreeWarning};
pub(crate) use log::{CutReason, Journal, LaneLog};
