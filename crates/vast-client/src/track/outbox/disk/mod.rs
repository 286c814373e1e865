//! The outbox on disk: redb with group commit.

mod admin;
mod codec;
mod commit;
#[cfg(unix)]
mod control;
mod file;
mod overlay;
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
