//! Stage 3: from a document to ads, through its wrappers.

mod budget;
mod hop;
mod offer;
mod order;
mod owing;
mod resolution;
mod walk;

pub(crate) use hop::ReadDocument;
pub(crate) use owing::owed_by_selection;
pub(crate) use resolution::Resolution;
pub(crate) use walk::{Surroundings, Walk};
