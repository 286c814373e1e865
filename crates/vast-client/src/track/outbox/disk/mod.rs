//! The outbox on disk: redb with group commit, and a journal in the same file.
//!
//! ```text
//! command ─> inbox ─> writer ─> queue (decides) ─> tables ─> a row of the journal ─> commit ─> answers
//!                                                    └─ pending (memory) ─ fold ─> tables, for many commits at once
//! ```

mod admin;
mod codec;
mod commit;
#[cfg(unix)]
mod control;
mod file;
mod inbox;
mod journal;
mod ledger_rows;
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
