//! Writes the model as a document.
//!
//! The implementations of [`Part`] in `ad` and `creative` define the content of each part. `writer` decides the order of the
//! elements, and the [`Sink`](crate::xml::Sink) decides the form of the output: text or element trees.

mod ad;
mod creative;
mod document;
mod writer;

#[cfg(test)]
mod tests;

pub(crate) use ad::contents;
pub(crate) use document::{tree, write_in_order};
pub use document::{write, write_into};
pub(crate) use writer::{Part, Writer};
