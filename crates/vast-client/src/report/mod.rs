//! The answer to a request, and the outcome of every source.

mod candidate;
mod fold;
mod hops;
mod order;
mod own_document;
mod result;
mod schedule;
mod source;

pub use crate::breaks::{Occurrence, ScheduledBreak, timeline};
pub use crate::journal::DocumentInfo;
pub use candidate::{CandidateReport, CandidateVerdict};
pub use order::OrderReport;
pub(crate) use result::ResultParts;
pub use result::{BreakResult, DocumentReport, FetchResult, Metadata, Schedule};
pub use source::{ErrorReport, SourceReport, WarningReport};
