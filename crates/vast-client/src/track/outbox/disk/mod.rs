//! The outbox on disk: redb with group commit.

mod codec;
mod command;
#[cfg(unix)]
mod control;
mod desk;
mod engine;
mod opening;
mod owner;
#[cfg(unix)]
mod protocol;
mod reader;
mod status;
mod store;
mod tables;
mod writer;

#[cfg(test)]
mod tests;

pub use desk::Desk;
pub use store::DiskOutbox;
