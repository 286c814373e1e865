//! Stage 3: from a document to ads, through its wrappers.

mod document;
mod eligible;
mod error_reports;
mod order;
mod walk;

pub(crate) use document::{DocumentPlace, ReadDocument};
pub(crate) use error_reports::reports_of_selection;
pub(crate) use order::Resolution;
pub(crate) use walk::WrapperWalk;
