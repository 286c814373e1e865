//! Stage 1: bytes from a source.

mod attempts;
mod file;
mod inline;
mod source;
mod tag;

pub(crate) use attempts::{Attempts, guarded};
pub use file::FileSource;
pub use inline::InlineSource;
pub use source::{FetchContext, Fetched, Prepared, Source};
pub use tag::HttpTag;
