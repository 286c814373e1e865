//! The elements of a document with the places of everything in them.
//!
//! The model of `vast-xml` says what a document means; this says where it stands. It is as lenient: names lose their prefixes
//! and are compared in any case, and what is damaged ends it.

mod element;
mod read;
mod tree;

pub(crate) use element::OutlineElement;
pub(crate) use tree::Outline;
