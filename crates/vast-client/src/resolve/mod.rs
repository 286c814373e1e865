//! Stage 3: from a document to ads, through its wrappers.

mod hop;
mod walk;

pub(crate) use hop::ReadDocument;
pub(crate) use walk::{Resolution, Walk};
