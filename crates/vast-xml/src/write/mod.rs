//! From the model to a document.
//!
//! What a part consists of is said once, by its [`Part`] in `ad` and `creative`; in which order it is written is decided in
//! `writer`, and to what by the [`Sink`](crate::xml::Sink): text or element trees.

mod ad;
mod creative;
mod document;
mod writer;

#[cfg(test)]
mod tests;

pub use document::write;
pub(crate) use document::{tree, write_in_order};
pub(crate) use writer::{Part, Writer};
