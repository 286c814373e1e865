//! The elements of a document with the places of everything in them.
//!
//! The model of `vast-xml` says what a document means; the outline says where it stands. Both read with the same tokens. Names
//! lose their prefixes and are compared in any case. A wrong end tag does not end the outline, so that rules look at the rest
//! of a damaged document too.

mod element;
mod read;
mod tree;

pub(crate) use element::OutlineElement;
pub(crate) use tree::Outline;
