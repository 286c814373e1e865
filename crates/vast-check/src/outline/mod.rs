//! The outline: all elements of a document with the byte ranges of their parts.
//!
//! The model of `vast-xml` has the values of a document, the outline has their positions. Both use the same tokenizer. Names
//! have no prefix, and their upper and lower case are equal. A wrong end tag does not end the outline, so that the rules also
//! check the rest of a damaged document.

mod element;
mod read;
mod tree;

pub(crate) use element::OutlineElement;
pub(crate) use tree::Outline;
