//! Converting a document to another version of the standard: from the model to the model, without I/O.
//!
//! What each version has is in tables of its own; here they are applied, in `inline` and `creative` part by part, in `ad_part` and
//! `creative_part` what moves to extensions and back.

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
