//! Converting a document to another version of the standard: from the model to the model, without I/O.
//!
//! The tables of the versions are in `edition`. `inline` and `creative` apply them to each part of a document; `ad_part` and
//! `creative_part` move parts to extensions and back.

mod ad_part;
mod change;
mod creative;
mod creative_part;
mod document;
mod fill;
mod inline;
mod link;
mod tree;
mod unknown;
mod walk;

pub use change::{Change, ChangeKind};
pub use document::{Conversion, to_version, write_version};
