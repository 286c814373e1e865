//! Adds the findings of vastlint-core to ours: its ids and severities unchanged, without known false findings and duplicates.
//!
//! vastlint-core parses the document a second time, and refuses XML that is not well formed.

mod ask;
mod issue;
mod merge;
mod mistakes;
mod place;

pub(crate) use ask::{add, rules};
