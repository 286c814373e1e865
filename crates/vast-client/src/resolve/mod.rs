//! Stage 3: follows the wrappers of a document to its ads.

mod document;
mod eligible;
mod error_reports;
mod order;
mod walk;

pub(crate) use document::{DocumentPlace, OwnDocument, ReadAnswer, ReadDocument, ReadPlaylist};
pub(crate) use eligible::WrapperRules;
pub(crate) use error_reports::{ErrorReports, reports_of_selection};
pub(crate) use order::Resolution;
pub(crate) use walk::WrapperWalk;
