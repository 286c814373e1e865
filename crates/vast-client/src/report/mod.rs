//! The answer to a request, and what became of every source.

mod fold;
mod result;
mod source;

pub(crate) use result::Finished;
pub use result::{CandidateReport, CandidateVerdict, DocumentReport, FetchResult, Metadata};
pub use source::{ErrorReport, HopReport, SourceReport, WarningReport};
