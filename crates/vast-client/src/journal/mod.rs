//! What happened to a request, fact by fact, in order of time. Result, JSON, metrics and error reports are read from it.

mod fact;
mod log;
mod trace;

pub use fact::{DocumentInfo, Entry, Fact, Outcome, SkipReason, TreeWarning};
pub(crate) use log::{CutReason, Journal, LaneLog};
