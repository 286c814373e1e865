//! Where beacons wait until they are settled: the trait [`Outbox`], its stores in memory and on disk, the ledger.

mod book;
#[cfg(feature = "disk")]
mod disk;
mod error;
mod index;
mod ledger;
mod memory;
mod quota;
mod record;
mod store;
mod timestamp;

#[cfg(feature = "disk")]
pub use disk::{Desk, DiskOutbox};
pub use error::OutboxError;
pub use ledger::{DeadReason, Query, Row, State, Stats};
pub use memory::MemoryOutbox;
pub use quota::{KEY_WINDOW, Quota, WhenFull};
pub use record::{LastTry, Progress, Record};
pub use store::{Claim, Claimed, Claims, Outbox, Put, Settlement, Verdict};
pub use timestamp::Timestamp;
