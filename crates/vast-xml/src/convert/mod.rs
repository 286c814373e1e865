//! Converting a document to another version of the standard: from the model to the model, without I/O.
//!
//! What each version has is in tables of its own; here they are applied, one file per chapter as in [`model`](crate::model).

mod ad_part;
mod change;
mod companion;
mod creative;
mod creative_part;
mod document;
mod fill;
mod icon;
mod inline;
mod leaf;
mod linear;
mod link;
mod media;
mod non_linear;
mod tracking;
mod tree;
mod unknown;
mod walk;

pub use change::{Change, ChangeKind};
pub use document::{Conversion, to_version, write_version};
