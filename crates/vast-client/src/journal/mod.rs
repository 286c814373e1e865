//! The journal: the facts of a request in order of time. The result, the JSON, the log and the error reports are made from
//! it.

mod fact;
mod fact_times;
mod log;
mod outcome;
mod trace;

pub use fact::{DocumentInfo, Entry, Fact, TreeWarning, WrapperInfo};
pub(crate) use fact_times::FactTimes;
pub(crate) use log::{CutReason, Journal, LaneEnd, LaneLog};
pub use outcome::{EndReason, Outcome, SkipReason};
