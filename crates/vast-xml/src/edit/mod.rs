//! Changes to the text of a document: every byte that is not part of a change stays as it was.

mod source;

pub use source::source_text;
