//! The answer to a request, and the outcome of every source.

mod fold;
mod result;
mod source;

pub use crate::journal::DocumentInfo;
pub(crate) use result::Finished;
pub use result::{CandidateReport, CandidateVerdict, DocumentReport, FetchResult, Metadata};
pub use source::{ErrorReport, SourceReport, WarningReport};
