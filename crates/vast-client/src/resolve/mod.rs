//! Stage 3: follows the wrappers of a document to its ads.

mod document;
mod eligible;
mod error_reports;
mod order;
mod walk;

pub(crate) use document::{DocumentPlace, ReadDocument};
pub(crate) use error_reports::reports_of_selection;
pub(crate) use order::Resolution;
pub(crate) use walk::WrapperWalk;
