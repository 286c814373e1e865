//! The answer to a request, and how every source ended.

mod fold;
mod result;
mod source;

pub use crate::journal::DocumentInfo;
pub(crate) use result::Finished;
pub use result::{CandidateReport, CandidateVerdict, DocumentReport, FetchResult, Metadata};
pub use source::{ErrorReport, SourceReport, WarningReport};
