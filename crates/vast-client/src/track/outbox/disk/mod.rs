//! The outbox on disk: redb with group commit.

mod admin;
mod codec;
mod commit;
#[cfg(unix)]
mod control;
mod file;
mod store;
mod tables;
mod writer;

#[cfg(test)]
mod tests;

pub use admin::OutboxAdmin;
pub use store::DiskOutbox;
