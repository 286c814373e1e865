//! Two outboxes: beacons go to the remote one, and to the local one while the remote one is slow or away.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture, join, select};
use vast_client::track::outbox::{
    Claim, Claims, Disposition, LastAttempt, LedgerQuery, LedgerRow, Outbox, OutboxError, OutboxStats, PutOutcome,
    Record, Settlement, Timestamp,
};

use crate::names::{NUMBER_BIT, number_of};
use crate::outbox::KnownKeys;

/// The number of late answers that are remembered.
const MAX_LATE: usize = 100_000;

/// The times of a [`SpillOutbox`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpillSettings {
    /// How long a put waits for the remote outbox. Default 50 ms, which a viewer does not notice.
    pub patience: Duration,
    /// How long a beacon waits in the local outbox at least. The remote one may have stored it although its answer was lost; if that
    /// answer comes within this time, the local beacon is dropped. Default 5 s.
    pub hold: Duration,
    /// After a failure, how long all puts go to the local outbox before the next one tries the remote one. Default 1 s.
    pub pause: Duration,
}

impl Default for SpillSettings {
    fn default() -> Self {
        Self { patience: Duration::from_millis(50), hold: Duration::from_secs(5), pause: Duration::from_secs(1) }
    }
}

/// What a [`SpillOutbox`] has counted since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SpillCounts {
    /// Beacons that went to the local outbox.
    pub spilled: u64,
    /// Beacons among them that the remote outbox has stored after all. They were dropped from the local one.
    pub dropped: u64,
    /// Beacons that both outboxes may have. Their trackers may be reached twice.
    pub doubtful: u64,
}

/// An outbox that uses a remote one while it answers quickly, and a local one otherwise. Both deliver their beacons. Cheap to clone.
///
/// The remote outbox must give its beacons numbers with the highest bit set, as [`NatsOutbox`](crate::NatsOutbox) does.
pub struct SpillOutbox<R, L>(Arc<SpillParts<R, L>>);

struct SpillParts<R, L> {
    remote: R,
    local: L,
    settings: SpillSettings,
    state: Mutex<SpillState>,
}

impl<R, L> Clone for SpillOutbox<R, L> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Where a put goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PutTarget {
    Remote,
    Local,
}

/// What is remembered between puts.
#[derive(Debug, Default)]
struct SpillState {
    /// The time until which puts do not try the remote outbox; `None` while it works.
    paused_until: Option<Timestamp>,
    /// The keys of accepted beacons: neither outbox knows those of the other one.
    keys: KnownKeys,
    /// The numbers of spilled beacons that the remote outbox has stored after all.
    late: HashSet<u64>,
    counts: SpillCounts,
}

impl SpillState {
    fn target(&mut self, now: Timestamp, pause: Duration) -> PutTarget {
        match self.paused_until {
            None => PutTarget::Remote,
            Some(until) if now < until => PutTarget::Local,
            Some(_) => {
                // Only this put tries the remote outbox; the others go on to the local one until it has succeeded.
                self.paused_until = Some(now.after(pause));
                PutTarget::Remote
            }
        }
    }

    fn is_paused(&self, now: Timestamp) -> bool {
        self.paused_until.is_some_and(|until| now < until)
    }

    fn remote_failed(&mut self, now: Timestamp, pause: Duration) {
        self.paused_until = Some(now.after(pause));
    }

    fn remote_worked(&mut self) {
        self.paused_until = None;
    }

    /// The remote outbox has stored beacons that have spilled.
    fn stored_late(&mut self, ids: impl Iterator<Item = u64>) {
        for id in ids {
            if self.late.len() < MAX_LATE {
                self.late.insert(id);
            }
        }
    }
}

impl<R: Outbox + Clone, L: Outbox> SpillOutbox<R, L> {
    /// An outbox that prefers `remote`.
    pub fn new(remote: R, local: L, settings: SpillSettings) -> Self {
        Self(Arc::new(SpillParts { remote, local, settings, state: Mutex::default() }))
    }

    /// What was counted since the start.
    pub fn counts(&self) -> SpillCounts {
        self.0.state().counts
    }

    /// Whether beacons go to the local outbox now, because the remote one is slow or away.
    pub fn is_spilling(&self) -> bool {
        self.0.state().paused_until.is_some()
    }

    async fn put_new(&self, batch: Vec<Record>, now: Timestamp) -> Result<Vec<PutOutcome>, OutboxError> {
        let parts = &self.0;
        let SpillSettings { patience, hold, pause } = parts.settings;
        if parts.state().target(now, pause) == PutTarget::Local {
            return self.put_local(batch, now, Duration::ZERO).await;
        }
        let remote = parts.remote.clone();
        let copy = batch.clone();
        // The put goes on when the patience is over, to find out whether it was stored.
        let mut putting = tokio::spawn(async move { remote.put(copy, now).await });
        match tokio::time::timeout(patience, &mut putting).await {
            Ok(Ok(Ok(outcomes))) => {
                parts.state().remote_worked();
                Ok(outcomes)
            }
            Ok(Ok(Err(OutboxError::Full { .. }))) => {
                // Nothing of the batch was stored.
                parts.state().remote_failed(now, pause);
                self.put_local(batch, now, Duration::ZERO).await
            }
            Ok(_) => {
                parts.state().remote_failed(now, pause);
                self.put_local(batch, now, hold).await
            }
            Err(_) => {
                parts.state().remote_failed(now, pause);
                let ids: Vec<u64> = batch.iter().map(|record| number_of(&record.key)).collect();
                let spill = self.clone();
                tokio::spawn(async move {
                    if let Ok(Ok(_)) = putting.await {
                        spill.0.state().stored_late(ids.into_iter());
                    }
                });
                self.put_local(batch, now, hold).await
            }
        }
    }

    async fn put_local(
        &self,
        batch: Vec<Record>,
        now: Timestamp,
        hold: Duration,
    ) -> Result<Vec<PutOutcome>, OutboxError> {
        let number = batch.len() as u64;
        // The time of a put is the time at which its beacons are due.
        let outcomes = self.0.local.put(batch, now.after(hold)).await?;
        let mut state = self.0.state();
        state.counts.spilled += number;
        state.counts.doubtful += if hold.is_zero() { 0 } else { number };
        Ok(outcomes)
    }

    async fn put_batch(&self, batch: Vec<Record>, now: Timestamp) -> Result<Vec<PutOutcome>, OutboxError> {
        let mut known = Vec::with_capacity(batch.len());
        let mut new = Vec::new();
        {
            let state = self.0.state();
            for record in batch {
                known.push(state.keys.knows(&record.key));
                if known.last() == Some(&false) {
                    new.push(record);
                }
            }
        }
        let keys: Vec<String> = new.iter().map(|record| record.key.clone()).collect();
        let mut outcomes = if new.is_empty() { Vec::new() } else { self.put_new(new, now).await? }.into_iter();
        let mut state = self.0.state();
        keys.iter().for_each(|key| state.keys.remember(key, now));
        drop(state);
        let outcome = |is_known| {
            if is_known { PutOutcome::Duplicate } else { outcomes.next().unwrap_or(PutOutcome::Duplicate) }
        };
        Ok(known.into_iter().map(outcome).collect())
    }

    async fn claim_both(&self, claim: Claim) -> Result<Claims, OutboxError> {
        let parts = &self.0;
        let is_paused = parts.state().is_paused(claim.now);
        let now = claim.now;
        let mut claims = parts.local.claim(claim.clone()).await?;
        self.drop_late(&mut claims, now).await;
        let limit = claim.limit.saturating_sub(claims.beacons.len());
        if is_paused || limit == 0 {
            return Ok(claims);
        }
        // A remote outbox that fails must not keep the local beacons from being called.
        if let Ok(remote) = parts.remote.claim(Claim { limit, ..claim }).await {
            claims.beacons.extend(remote.beacons);
            claims.next = claims.next.into_iter().chain(remote.next).min();
        }
        Ok(claims)
    }

    /// Settles claimed local beacons that the remote outbox has too.
    async fn drop_late(&self, claims: &mut Claims, now: Timestamp) {
        let mut late = Vec::new();
        {
            let mut state = self.0.state();
            if state.late.is_empty() {
                return;
            }
            claims.beacons.retain(|claimed| {
                let is_late = state.late.remove(&number_of(&claimed.record.key));
                if is_late {
                    late.push((claimed.id, claimed.progress.attempts));
                }
                !is_late
            });
            state.counts.dropped += late.len() as u64;
            state.counts.doubtful = state.counts.doubtful.saturating_sub(late.len() as u64);
        }
        let settlement = |(id, attempts)| Settlement {
            id,
            attempts,
            disposition: Disposition::Delivered,
            last: LastAttempt { at: now, status: None, message: "the shared outbox has stored it".into() },
        };
        // If this fails, the lease ends and the beacon is called: it counts as a possible repetition.
        drop(self.0.local.settle(late.into_iter().map(settlement).collect(), now).await);
    }

    async fn settle_both(&self, settlements: Vec<Settlement>, now: Timestamp) -> Result<usize, OutboxError> {
        let is_remote = |settlement: &Settlement| settlement.id & NUMBER_BIT != 0;
        let (remote, local): (Vec<_>, Vec<_>) = settlements.into_iter().partition(is_remote);
        let mut settled = 0;
        if !local.is_empty() {
            settled += self.0.local.settle(local, now).await?;
        }
        if !remote.is_empty() {
            settled += self.0.remote.settle(remote, now).await?;
        }
        Ok(settled)
    }

    async fn rows_of_both(&self, query: LedgerQuery) -> Result<Vec<LedgerRow>, OutboxError> {
        let (local, remote) = join(self.0.local.rows(query.clone()), self.0.remote.rows(query.clone())).await;
        let mut rows = local?;
        // What is here is shown although the remote outbox does not answer.
        rows.extend(remote.unwrap_or_default());
        rows.truncate(query.limit.unwrap_or(usize::MAX));
        Ok(rows)
    }

    async fn stats_of_both(&self) -> OutboxStats {
        let (mut stats, remote) = join(self.0.local.stats(), self.0.remote.stats()).await;
        stats.waiting += remote.waiting;
        stats.in_flight += remote.in_flight;
        stats.bytes += remote.bytes;
        stats.delivered += remote.delivered;
        stats.dead += remote.dead;
        stats.keys += remote.keys;
        stats.keys_forgotten_early += remote.keys_forgotten_early;
        stats.unreadable += remote.unreadable;
        stats.problem = stats.problem.or(remote.problem);
        stats
    }

    /// Ends the spill when the remote outbox works again, also if no put comes.
    async fn try_remote(&self) {
        loop {
            tokio::time::sleep(self.0.settings.pause).await;
            if self.is_spilling() && self.0.remote.stats().await.problem.is_none() {
                self.0.state().remote_worked();
            }
        }
    }

    async fn requeue_both(&self, query: LedgerQuery, now: Timestamp) -> Result<u64, OutboxError> {
        let local = self.0.local.requeue(query.clone(), now).await?;
        let left = query.limit.map(|limit| limit.saturating_sub(usize::try_from(local).unwrap_or(usize::MAX)));
        Ok(local + self.0.remote.requeue(LedgerQuery { limit: left, ..query }, now).await?)
    }
}

impl<R, L> SpillParts<R, L> {
    fn state(&self) -> MutexGuard<'_, SpillState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Outbox + Clone, L: Outbox> Outbox for SpillOutbox<R, L> {
    fn put(&self, batch: Vec<Record>, now: Timestamp) -> BoxFuture<'_, Result<Vec<PutOutcome>, OutboxError>> {
        self.put_batch(batch, now).boxed()
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Claims, OutboxError>> {
        self.claim_both(claim).boxed()
    }

    fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) -> BoxFuture<'_, Result<usize, OutboxError>> {
        self.settle_both(settlements, now).boxed()
    }

    fn rows(&self, query: LedgerQuery) -> BoxFuture<'_, Result<Vec<LedgerRow>, OutboxError>> {
        self.rows_of_both(query).boxed()
    }

    fn stats(&self) -> BoxFuture<'_, OutboxStats> {
        self.stats_of_both().boxed()
    }

    fn requeue(&self, query: LedgerQuery, now: Timestamp) -> BoxFuture<'_, Result<u64, OutboxError>> {
        self.requeue_both(query, now).boxed()
    }

    fn attend(&self) -> Option<BoxFuture<'static, ()>> {
        let (remote, local) = (self.0.remote.attend(), self.0.local.attend());
        let spill = self.clone();
        let work = async move {
            let remote = OptionFuture::from(remote);
            join(join(remote, OptionFuture::from(local)), spill.try_remote()).await;
        };
        Some(work.boxed())
    }

    fn arrival(&self) -> BoxFuture<'_, ()> {
        select(self.0.remote.arrival(), self.0.local.arrival()).map(drop).boxed()
    }
}

#[cfg(test)]
mod tests;
