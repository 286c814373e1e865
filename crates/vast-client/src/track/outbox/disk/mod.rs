//! The outbox on disk: redb with group commit, and a commit log beside it.
//!
//! ```text
//! command ─> inbox ─> writer ─> queue (decides) ─> tables ─> a row of the journal ─> commit log ─> answers
//!                                                    └─ pending (memory) ─ fold ─> tables, for many commits at once
//! ```

mod admin;
mod answers;
mod codec;
mod commit;
mod commit_log;
#[cfg(unix)]
mod control;
mod file;
mod folded;
mod inbox;
mod journal;
mod layout;
mod ledger_rows;
mod log_file;
mod overlay;
mod pending;
mod row_batch;
mod salvage;
mod store;
mod tables;
mod writer;

#[cfg(test)]
mod tests;

pub use admin::OutboxAdmin;
pub use codec::{RecordDecodeError, RecordScope};
pub use salvage::{Salvaged, salvage};
pub use store::DiskOutbox;
