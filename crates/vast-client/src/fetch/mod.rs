//! Stage 1: bytes from a source.

mod attempts;
mod context;
mod local;
mod source;
mod tag;

pub use crate::context::LaneContext;
pub use crate::transport::Fetched;
pub(crate) use attempts::{document_of_url, own_document, target_of, wrapper_document};
pub use context::{FetchContext, Prepared};
pub use local::{FileSource, InlineSource};
pub use source::Source;
pub use tag::HttpTag;
