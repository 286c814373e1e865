//! The outbox, in which beacons wait until they are settled: the trait [`Outbox`], the outboxes in memory and on disk,
//! and the ledger.

#[cfg(feature = "disk")]
mod disk;
mod index;
mod interface;
mod ledger;
mod memory;
mod queue;
mod quota;
mod record;

#[cfg(feature = "disk")]
pub use disk::{DiskOutbox, OutboxAdmin, RecordDecodeError, RecordScope, Salvaged, salvage};
pub use interface::{Claim, Claimed, Claims, Disposition, Outbox, OutboxError, PutOutcome, Settlement};
pub use ledger::{DeadReason, DeliveryState, LedgerQuery, LedgerRow, OutboxStats, TrackingResults};
pub use memory::MemoryOutbox;
pub use quota::{KEY_WINDOW, Quota, WhenFull};
pub use record::{DeliveryProgress, LastAttempt, Record, StoredBeacon, Timestamp};
