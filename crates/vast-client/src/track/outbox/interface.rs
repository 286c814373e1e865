//! The trait [`Outbox`], its inputs, its outputs and its errors.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, pending};

use super::ledger::{DeadReason, LedgerQuery, LedgerRow, OutboxStats};
use super::record::{DeliveryProgress, LastAttempt, Record, Timestamp};

/// An outbox: the place where beacons wait until a dispatcher has settled them. Implement this trait to store beacons
/// elsewhere, for example in a queue that several processes use. `vast_client::contract` (feature `contract`) tests an
/// implementation.
///
/// Delivery is at-least-once. A claimed beacon belongs to its claimer for the length of a lease. If it is not settled by then,
/// it waits again, with one more attempt in doubt.
pub trait Outbox: Send + Sync + 'static {
    /// Stores a batch, as a whole or not at all. The batch is durable when this returns. A record whose key is already known is
    /// not stored again. The outcomes are in the order of the batch.
    ///
    /// # Errors
    /// [`OutboxError::Full`], [`OutboxError::Unavailable`].
    fn put(&self, batch: Vec<Record>, now: Timestamp) -> BoxFuture<'_, Result<Vec<PutOutcome>, OutboxError>>;

    /// Returns beacons that are due: the longest due first, one host after the other. No other claim returns them before the
    /// end of the lease.
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`].
    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Claims, OutboxError>>;

    /// Settles claimed beacons. A beacon whose lease has ended, or that was claimed again since, is not changed. Returns how many
    /// were settled.
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`]; the leases continue.
    fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) -> BoxFuture<'_, Result<usize, OutboxError>>;

    /// The rows of the ledger, in the order in which the beacons were put.
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`].
    fn rows(&self, query: LedgerQuery) -> BoxFuture<'_, Result<Vec<LedgerRow>, OutboxError>>;

    /// The number of beacons in each state, and the condition of the store.
    fn stats(&self) -> BoxFuture<'_, OutboxStats>;

    /// Makes beacons due now: those that wait for a later attempt, and dead letters, whose age limit starts again. Beacons that
    /// are delivered or in flight are not changed. Returns how many are due now.
    ///
    /// # Errors
    /// [`OutboxError::Full`], [`OutboxError::Unavailable`].
    fn requeue(&self, query: LedgerQuery, now: Timestamp) -> BoxFuture<'_, Result<u64, OutboxError>>;

    /// Background work of the outbox that runs beside the dispatcher, such as answering `vast outbox`. Default: none.
    fn attend(&self) -> Option<BoxFuture<'static, ()>> {
        None
    }

    /// Completes when beacons of other processes have arrived that a claim may return. The dispatcher then claims at once instead of
    /// after a second. Default: never.
    fn arrival(&self) -> BoxFuture<'_, ()> {
        pending().boxed()
    }
}

/// The result of `put` for a record of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PutOutcome {
    /// The record is stored, and its beacon waits.
    Queued,
    /// The key of the record is known, so the record was put before.
    Duplicate,
    /// The record is too large and became a dead letter.
    TooLarge,
}

/// The beacons that a dispatcher wants to claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The largest number of beacons.
    pub limit: usize,
    /// The largest number of beacons of one host.
    pub per_host: u32,
    /// The hosts whose limit differs from `per_host`, because they are busy, fail or have proved that they accept more. A limit
    /// of 0 means no beacon. Drop the claim before its result is returned: the dispatcher then changes this map for the next
    /// claim without a copy.
    pub allowances: Arc<HashMap<Arc<str>, u32>>,
    /// The current time.
    pub now: Timestamp,
    /// The time for which the beacons belong to the claimer.
    pub lease: Duration,
}

/// The result of a claim.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    /// The beacons.
    pub beacons: Vec<Claimed>,
    /// The time at which the next beacon is due; `None` if none waits. Beacons of hosts that have reached their limit
    /// are ignored.
    pub next: Option<Timestamp>,
}

/// A claimed beacon.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The number of the beacon.
    pub id: u64,
    /// [`Record::host`] of the beacon.
    pub host: Arc<str>,
    /// The beacon.
    pub record: Arc<Record>,
    /// The attempts to deliver the beacon so far. Their number identifies the lease, because each claim adds one
    /// attempt.
    pub progress: DeliveryProgress,
}

/// The end of an attempt to deliver a claimed beacon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The number of the beacon.
    pub id: u64,
    /// The number of attempts that the beacon had when it was claimed.
    pub attempts: u32,
    /// The next state of the beacon.
    pub disposition: Disposition,
    /// How the attempt ended.
    pub last: LastAttempt,
}

/// The next state of a beacon after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disposition {
    /// The tracker accepted it.
    Delivered,
    /// The beacon is retried.
    RetryAt {
        /// The time of the retry.
        at: Timestamp,
        /// Whether this attempt is in doubt.
        in_doubt: bool,
    },
    /// The beacon becomes a dead letter.
    Dead(DeadReason),
}

/// Why an outbox failed. A failed call has changed nothing. Only after [`Unavailable`](Self::Unavailable), this is not
/// certain; a put may then be repeated, because the keys prevent a second delivery.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// There is no room for the whole batch.
    #[error("the outbox is full: {waiting} beacons wait")]
    Full {
        /// The number of beacons that wait.
        waiting: u64,
    },
    /// The store does not work now: the disk is full or fails, or the store was closed. The next call tries again.
    #[error("the outbox cannot be used now: {0}")]
    Unavailable(String),
    /// Another process uses the file.
    #[error("in use by process {process}")]
    InUse {
        /// The id of that process; 0 if it is not known.
        process: u32,
    },
    /// The file is not an outbox, so it was not changed.
    #[error("{path} is not an outbox: {reason}", path = path.display())]
    NotAnOutbox {
        /// The file.
        path: PathBuf,
        /// The reason why the file is not an outbox.
        reason: String,
    },
    /// The outbox is damaged, so it was not changed. `salvage` copies its readable rows.
    #[error("{path} is damaged: {reason}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The damage.
        reason: String,
    },
    /// A newer version wrote the file, so it was not changed.
    #[error("{path} has {format}, this version reads up to format {supported}", path = path.display(),
        format = format.map_or_else(|| "a newer format".to_owned(), |format| format!("format {format}")))]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format of the file, if it is known.
        format: Option<u64>,
        /// The newest format that this version reads.
        supported: u64,
    },
    /// The file cannot be opened or created, and a retry does not help: the folder or the permission is missing.
    #[error("{path}: {reason}", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The message of the operating system.
        reason: String,
    },
}
