//! vastlint-core beside our rules: its ids and severities unchanged, without its known mistakes and without duplicates.
//!
//! It reads the document once more, and refuses XML that is not well formed.

mod ask;
mod issue;
mod merge;
mod mistakes;
mod place;

pub(crate) use ask::{add, rules};
