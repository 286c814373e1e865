//! The trackers of answers: put into the outbox with the answer, called beside and after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::sync::watch;

use super::beacons::{self, Beacon, BeaconState, Tracked};
use super::courier;
use super::outbox::{CAPACITY, MemoryOutbox};
use crate::background::Background;
use crate::config::FetchMode;
use crate::plan::Plan;
use crate::report::FetchResult;
use crate::transport::Exchange;
use crate::values::RequestValues;

/// How many trackers are called at once.
const AT_ONCE: usize = 16;

/// Calls the trackers of answers. Cheap to clone; clones share one outbox.
#[derive(Clone)]
#[doc(alias = "MultiSourceTracker")]
#[doc(alias = "VastTracker")]
pub struct Tracker(Arc<Inner>);

struct Inner {
    exchange: Exchange,
    background: Background,
    outbox: MemoryOutbox,
    /// Beacons put and not settled.
    pending: watch::Sender<usize>,
    delivered: AtomicU64,
    failed: AtomicU64,
}

/// What became of beacons so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drained {
    /// Taken by their trackers.
    pub delivered: u64,
    /// Refused, unreachable or out of time.
    pub failed: u64,
    /// Not settled yet.
    pub left: usize,
}

impl Tracker {
    /// A tracker that calls through `exchange`, in `background`.
    pub(crate) fn new(exchange: Exchange, background: Background) -> Self {
        Self(Arc::new(Inner {
            exchange,
            background,
            outbox: MemoryOutbox::default(),
            pending: watch::Sender::new(0),
            delivered: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }))
    }

    /// Puts what is due at the answer into the outbox and starts calling it. Never fails the request.
    pub(crate) fn track(&self, plan: &Plan, values: &RequestValues<'_>, result: &FetchResult) -> Vec<Tracked> {
        let mut tracked = Vec::new();
        if plan.auto_track && result.metadata.mode != FetchMode::Collect {
            tracked.extend(self.put(beacons::impressions(&result.ads, values)));
        }
        if plan.report_not_used && result.metadata.mode != FetchMode::Collect {
            tracked.extend(self.put(beacons::not_used(result, values)));
        }
        // A batch of its own: what other sources failed at must not cost the answer its impressions.
        if plan.report_errors {
            tracked.extend(self.put(beacons::errors(&result.journal, &result.sources, values)));
        }
        tracked
    }

    /// Waits until every beacon put so far is settled, at most `limit`.
    pub async fn drain(&self, limit: Duration) -> Drained {
        let mut pending = self.0.pending.subscribe();
        // What is called from here would be dropped at the limit; in the background it goes on.
        let inner = Arc::clone(&self.0);
        let is_called = self.0.background.spawn(async move { inner.call_all().await });
        let work = async {
            // Where nothing runs in the background, what waits is called from here.
            if !is_called {
                self.0.call_all().await;
            }
            drop(pending.wait_for(|pending| *pending == 0).await);
        };
        drop(tokio::time::timeout(limit, work).await);
        self.drained()
    }

    /// What became of all beacons so far.
    pub fn drained(&self) -> Drained {
        Drained {
            delivered: self.0.delivered.load(Ordering::Relaxed),
            failed: self.0.failed.load(Ordering::Relaxed),
            left: *self.0.pending.borrow(),
        }
    }

    /// Puts a batch, all or nothing. One that could never fit is cut off where it stops fitting, and so refused.
    pub(crate) fn put(&self, due: impl Iterator<Item = Beacon>) -> Vec<Tracked> {
        let due: Vec<Beacon> = due.take(CAPACITY + 1).collect();
        if due.is_empty() {
            return Vec::new();
        }
        let state = if self.0.outbox.put(&due) { BeaconState::Queued } else { BeaconState::Refused };
        if state == BeaconState::Queued {
            self.0.pending.send_modify(|pending| *pending += due.len());
            let inner = Arc::clone(&self.0);
            self.0.background.spawn(async move { inner.call_all().await });
        }
        due.into_iter().map(|Beacon { event, url, hop, .. }| Tracked { event, url, hop, state }).collect()
    }
}

impl Inner {
    /// Calls what waits in the outbox until it is empty.
    async fn call_all(&self) {
        let waiting = std::iter::from_fn(|| self.outbox.take());
        stream::iter(waiting).for_each_concurrent(AT_ONCE, |beacon| self.call(beacon)).await;
    }

    async fn call(&self, beacon: Beacon) {
        let settled = Settled(self);
        let counter = match courier::deliver(&self.exchange, &beacon).await {
            Ok(_status) => &self.delivered,
            Err(_failure) => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        drop(settled);
    }
}

/// Takes a beacon off the count however its call ends, cancelled ones too.
struct Settled<'a>(&'a Inner);

impl Drop for Settled<'_> {
    fn drop(&mut self) {
        self.0.pending.send_modify(|pending| *pending = pending.saturating_sub(1));
    }
}
