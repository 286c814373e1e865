//! The outbox on NATS JetStream.

mod buffer;
mod claim;
mod keys;
mod put;
mod queues;
mod rows;
mod settle;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use vast_client::env::Env;
use vast_client::track::outbox::{
    Claim, Claims, LedgerQuery, LedgerRow, Outbox, OutboxError, OutboxStats, PutOutcome, Record, Settlement, Timestamp,
};

use self::buffer::Buffer;
pub(crate) use self::keys::KnownKeys;
use crate::broker::{Broker, BrokerError, Publicated, Publication};
use crate::names::StreamNames;
use crate::seal::RecordSeal;

/// What [`NatsOutbox`] counts since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct NatsCounts {
    /// Claims that ended because another gateway has taken the beacon. The tracker may have been called twice.
    pub lost_claims: u64,
    /// Messages that were not signed or are damaged. They are among the dead letters and were not called.
    pub unreadable: u64,
    /// Beacons that went back into a stream because their host had no room.
    pub without_room: u64,
}

#[derive(Debug, Default)]
struct Counters {
    lost_claims: AtomicU64,
    unreadable: AtomicU64,
    without_room: AtomicU64,
}

/// An outbox in the streams of a NATS server, which several gateways share. Cheap to clone; clones are the same outbox.
///
/// It differs from the outbox on disk in these points: a claim returns what this process has received, in no order of time; the
/// server's clock ends leases and waits; rows are in no order, and the number of a beacon is made from its key.
#[derive(Clone)]
pub struct NatsOutbox(Arc<OutboxParts>);

pub(crate) struct OutboxParts {
    broker: Box<dyn Broker>,
    names: StreamNames,
    seal: RecordSeal,
    /// The shortest delay of a stream.
    second: Duration,
    env: Env,
    /// Identifies this process in rows.
    holder: u64,
    /// The number of claims so far.
    claims: AtomicU64,
    buffer: Mutex<Buffer>,
    keys: Mutex<KnownKeys>,
    /// Notified when a beacon was received.
    arrived: Notify,
    /// Notified when the buffer has room again.
    has_room: Notify,
    is_closing: AtomicBool,
    /// Notified when the outbox stops receiving.
    closes: Notify,
    counters: Counters,
}

impl NatsOutbox {
    pub(crate) fn with_broker(
        broker: Box<dyn Broker>,
        names: StreamNames,
        seal: RecordSeal,
        second: Duration,
        env: Env,
    ) -> Self {
        let holder = env.seed();
        Self(Arc::new(OutboxParts {
            broker,
            names,
            seal,
            second,
            env,
            holder,
            claims: AtomicU64::new(1),
            buffer: Mutex::default(),
            keys: Mutex::default(),
            arrived: Notify::new(),
            has_room: Notify::new(),
            is_closing: AtomicBool::new(false),
            closes: Notify::new(),
            counters: Counters::default(),
        }))
    }

    /// What was counted since the start.
    pub fn counts(&self) -> NatsCounts {
        let Counters { lost_claims, unreadable, without_room } = &self.0.counters;
        NatsCounts {
            lost_claims: lost_claims.load(Ordering::Relaxed),
            unreadable: unreadable.load(Ordering::Relaxed),
            without_room: without_room.load(Ordering::Relaxed),
        }
    }

    /// Stops receiving beacons, so that this gateway can end. Those that it has received can still be claimed.
    pub fn stop_receiving(&self) {
        self.0.is_closing.store(true, Ordering::Relaxed);
        self.0.closes.notify_one();
    }

    /// Gives the beacons that are not claimed to the other gateways, and sends what is not sent yet.
    pub async fn close(&self) {
        self.stop_receiving();
        self.0.give_back().await;
        self.0.broker.flush().await;
    }

    /// Why the server cannot be used now; `None` if it can.
    pub fn problem(&self) -> Option<String> {
        self.0.broker.problem()
    }
}

impl OutboxParts {
    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys(&self) -> MutexGuard<'_, KnownKeys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from(self.env.wall())
    }

    /// A number that no other claim has. Two messages of one beacon may be claimed in the same moment: with the same number their rows
    /// would be equal, and the second claim would take the row of the first one for its own.
    fn new_claim(&self) -> u64 {
        self.holder.wrapping_add(self.claims.fetch_add(1, Ordering::Relaxed))
    }

    fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed)
    }

    async fn publish(&self, publication: Publication) -> Result<Publicated, BrokerError> {
        self.broker.publish(publication).await
    }
}

/// Adds one to a counter.
fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl From<BrokerError> for OutboxError {
    fn from(error: BrokerError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl Outbox for NatsOutbox {
    fn put(&self, batch: Vec<Record>, now: Timestamp) -> BoxFuture<'_, Result<Vec<PutOutcome>, OutboxError>> {
        self.0.put(batch, now).boxed()
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Claims, OutboxError>> {
        self.0.claim(claim).boxed()
    }

    fn settle(&self, settlements: Vec<Settlement>, _: Timestamp) -> BoxFuture<'_, Result<usize, OutboxError>> {
        self.0.settle(settlements).boxed()
    }

    fn rows(&self, query: LedgerQuery) -> BoxFuture<'_, Result<Vec<LedgerRow>, OutboxError>> {
        self.0.rows(query).boxed()
    }

    fn stats(&self) -> BoxFuture<'_, OutboxStats> {
        self.0.stats().boxed()
    }

    fn requeue(&self, query: LedgerQuery, now: Timestamp) -> BoxFuture<'_, Result<u64, OutboxError>> {
        self.0.requeue(query, now).boxed()
    }

    fn attend(&self) -> Option<BoxFuture<'static, ()>> {
        let shared = Arc::clone(&self.0);
        Some(async move { shared.attend().await }.boxed())
    }

    fn arrival(&self) -> BoxFuture<'_, ()> {
        self.0.arrived.notified().boxed()
    }
}

impl fmt::Debug for NatsOutbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsOutbox").field("names", &self.0.names).finish_non_exhaustive()
    }
}
