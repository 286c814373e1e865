//! The trait [`Outbox`], its inputs, its outputs and its errors.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::ledger::{DeadReason, LedgerQuery, LedgerRow, OutboxStats};
use super::record::{DeliveryProgress, LastAttempt, Record, Timestamp};

/// Where beacons wait until a courier has settled them. Implement it to keep them elsewhere, in a queue that several
/// processes use for example; `vast_client::contract` proves an implementation.
///
/// Delivery is at-least-once. Whoever claims has a beacon for the length of a lease; what is not settled by then comes back
/// with one more attempt, whose end is in doubt.
pub trait Outbox: Send + Sync + 'static {
    /// Takes a batch, whole or not at all. What it took is durable when this returns. A record whose key is known is not
    /// taken again. The outcomes are in the order of the batch.
    ///
    /// # Errors
    /// [`OutboxError::Full`], [`OutboxError::Unavailable`].
    fn put(&self, batch: Vec<Record>, now: Timestamp) -> BoxFuture<'_, Result<Vec<PutOutcome>, OutboxError>>;

    /// Hands out beacons that are due, the longest due first, hosts in turns. No one else gets them before the lease is over.
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`].
    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Claims, OutboxError>>;

    /// Says what became of claimed beacons. What is not claimed any more, or was claimed again since, is left alone. Returns
    /// how many were settled.
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`]; the leases go on.
    fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) -> BoxFuture<'_, Result<usize, OutboxError>>;

    /// The lines of the ledger, in the order in which the beacons were put.
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`].
    fn rows(&self, query: LedgerQuery) -> BoxFuture<'_, Result<Vec<LedgerRow>, OutboxError>>;

    /// How it stands.
    fn stats(&self) -> BoxFuture<'_, OutboxStats>;

    /// Makes beacons due now: those that wait for a later try, and dead letters, whose age limit begins anew. What was
    /// delivered or is under way is left alone. Returns how many.
    ///
    /// # Errors
    /// [`OutboxError::Full`], [`OutboxError::Unavailable`].
    fn requeue(&self, query: LedgerQuery, now: Timestamp) -> BoxFuture<'_, Result<u64, OutboxError>>;

    /// Work of its own that goes on beside the courier, such as answering `vast outbox`. Default: none.
    fn attend(&self) -> Option<BoxFuture<'static, ()>> {
        None
    }
}

/// What became of a record of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PutOutcome {
    /// It waits.
    Queued,
    /// Its key is known: it was put before.
    Duplicate,
    /// It is too large, and a dead letter.
    TooLarge,
}

/// What a courier wants to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// At most so many.
    pub limit: usize,
    /// At most so many of one host.
    pub per_host: u32,
    /// Hosts of which fewer are wanted, 0 included: those that are busy or do not answer.
    pub allowances: HashMap<Arc<str>, u32>,
    /// The time.
    pub now: Timestamp,
    /// How long no one else may have them.
    pub lease: Duration,
}

/// What a courier got.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    /// The beacons.
    pub beacons: Vec<Claimed>,
    /// When the next one will be due, of hosts that have room; `None` when nothing waits there.
    pub next: Option<Timestamp>,
}

/// A beacon on lease.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its number.
    pub id: u64,
    /// The beacon.
    pub record: Arc<Record>,
    /// Where it stands. Its attempts make the lease's token: they change whenever it changes hands.
    pub progress: DeliveryProgress,
}

/// What became of a claimed beacon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Its number.
    pub id: u64,
    /// The attempts it had when it was claimed.
    pub attempts: u32,
    /// What became of it.
    pub verdict: Disposition,
    /// How the try ended.
    pub last: LastAttempt,
}

/// What becomes of a beacon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disposition {
    /// The tracker took it.
    Delivered,
    /// It is tried again.
    RetryAt {
        /// When.
        at: Timestamp,
        /// Whether the end of this try is in doubt.
        in_doubt: bool,
    },
    /// It is not tried again.
    Dead(DeadReason),
}

/// Why an outbox could not do what it was asked for. Nothing of the call has happened then, but for
/// [`Unavailable`](Self::Unavailable), after which a put may be repeated: its keys keep it from being taken twice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// There is no room for the whole batch.
    #[error("the outbox is full: {waiting} beacons wait")]
    Full {
        /// How many wait.
        waiting: u64,
    },
    /// The store does not work now: the disk is full, failing, or the store has been closed. It is tried again at the next
    /// call.
    #[error("the outbox cannot be used now: {0}")]
    Unavailable(String),
    /// Another process owns the file.
    #[error("in use by process {process}")]
    InUse {
        /// Its number; 0 when it is not known.
        process: u32,
    },
    /// The file cannot be opened or made, for a reason that waiting does not mend: a missing folder, a missing right.
    #[error("{path}: {reason}", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}
