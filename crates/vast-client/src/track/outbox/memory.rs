//! The outbox in memory. Beacons that wait are lost when the process ends.

use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};

use super::interface::{Claim, Claims, Outbox, OutboxError, PutOutcome, Settlement};
use super::ledger::{DeadReason, DeliveryState, LedgerQuery, LedgerRow, OutboxStats};
use super::queue::{OutboxQueue, Storage};
use super::quota::Quota;
use super::record::{Record, StoredBeacon, Timestamp};

/// An outbox in memory.
#[derive(Debug)]
pub struct MemoryOutbox(Mutex<MemoryState>);

#[derive(Debug)]
struct MemoryState {
    queue: OutboxQueue,
    rows: MemoryRows,
}

/// The rows of an outbox in memory.
#[derive(Debug, Default)]
struct MemoryRows {
    waiting: BTreeMap<u64, StoredBeacon>,
    delivered: BTreeMap<u64, StoredBeacon>,
    dead: BTreeMap<u64, (StoredBeacon, DeadReason)>,
    young_keys: HashSet<Fingerprint>,
    old_keys: HashSet<Fingerprint>,
    hash: FingerprintHash,
}

/// An idempotency key as it is remembered: 16 bytes instead of a text of about 60 bytes with an allocation. With 200,000 keys, the
/// chance that a new key has the fingerprint of another one is below one in 10^33.
type Fingerprint = (u64, u64);

/// Two hash functions with random keys, so that a document cannot name events whose keys have the same fingerprint.
#[derive(Debug, Default)]
struct FingerprintHash(RandomState, RandomState);

impl FingerprintHash {
    fn of(&self, key: &str) -> Fingerprint {
        (self.0.hash_one(key), self.1.hash_one(key))
    }
}

impl Default for MemoryOutbox {
    fn default() -> Self {
        Self::with_quota(Quota::MEMORY)
    }
}

impl MemoryOutbox {
    /// An empty outbox with this quota.
    pub fn with_quota(quota: Quota) -> Self {
        Self(Mutex::new(MemoryState {
            queue: OutboxQueue::new(quota, 0, 0, 0, Timestamp::ZERO),
            rows: MemoryRows::default(),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, MemoryState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbox for MemoryOutbox {
    fn put(&self, batch: Vec<Record>, now: Timestamp) -> BoxFuture<'_, Result<Vec<PutOutcome>, OutboxError>> {
        let MemoryState { queue, rows } = &mut *self.lock();
        let Ok(put) = queue.put(rows, batch, now);
        let Ok(()) = queue.trim(rows, now);
        ready(put).boxed()
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Claims, OutboxError>> {
        let MemoryState { queue, rows } = &mut *self.lock();
        let Ok(claims) = queue.claim(rows, &claim);
        ready(Ok(claims)).boxed()
    }

    fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) -> BoxFuture<'_, Result<usize, OutboxError>> {
        let MemoryState { queue, rows } = &mut *self.lock();
        let Ok(settled) = queue.settle(rows, settlements);
        let Ok(()) = queue.trim(rows, now);
        ready(Ok(settled)).boxed()
    }

    fn rows(&self, query: LedgerQuery) -> BoxFuture<'_, Result<Vec<LedgerRow>, OutboxError>> {
        let MemoryState { queue, rows } = &*self.lock();
        ready(Ok(rows.list(queue, &query))).boxed()
    }

    fn stats(&self) -> BoxFuture<'_, OutboxStats> {
        let MemoryState { queue, rows } = &*self.lock();
        let (waiting, in_flight, bytes) = queue.counts();
        ready(OutboxStats {
            waiting,
            in_flight,
            bytes,
            delivered: rows.delivered.len() as u64,
            dead: rows.dead.len() as u64,
            keys: (rows.young_keys.len() + rows.old_keys.len()) as u64,
            keys_forgotten_early: queue.keys_forgotten_early(),
            ..OutboxStats::default()
        })
        .boxed()
    }

    fn requeue(&self, query: LedgerQuery, now: Timestamp) -> BoxFuture<'_, Result<u64, OutboxError>> {
        let MemoryState { queue, rows } = &mut *self.lock();
        let Ok(requeued) = queue.requeue(rows, &query, now);
        ready(requeued).boxed()
    }
}

impl MemoryRows {
    fn list(&self, queue: &OutboxQueue, query: &LedgerQuery) -> Vec<LedgerRow> {
        let state_of = |id: u64| if queue.is_leased(id) { DeliveryState::InFlight } else { DeliveryState::Waiting };
        let waiting = self.waiting.iter().map(|(id, stored)| (*id, stored, state_of(*id), None));
        let delivered = self.delivered.iter().map(|(id, stored)| (*id, stored, DeliveryState::Delivered, None));
        let dead = self.dead.iter().map(|(id, (stored, reason))| (*id, stored, DeliveryState::Dead, Some(*reason)));
        let mut rows: Vec<_> = waiting.chain(delivered).chain(dead).collect();
        rows.retain(|(id, stored, state, _)| query.matches(*id, &stored.record, *state));
        rows.sort_unstable_by_key(|(id, ..)| *id);
        rows.truncate(query.limit.unwrap_or(usize::MAX));
        let row = |(id, stored, state, reason): (u64, &StoredBeacon, DeliveryState, Option<DeadReason>)| {
            LedgerRow::new(id, &stored.record, &stored.progress, state, reason)
        };
        rows.into_iter().map(row).collect()
    }
}

impl Storage for MemoryRows {
    type Error = Infallible;

    fn remember(&mut self, key: &str) -> Result<bool, Infallible> {
        let key = self.hash.of(key);
        Ok(!self.old_keys.contains(&key) && self.young_keys.insert(key))
    }

    fn age_keys(&mut self, _now: Timestamp) -> Result<u64, Infallible> {
        let forgotten = std::mem::replace(&mut self.old_keys, std::mem::take(&mut self.young_keys));
        Ok(forgotten.len() as u64)
    }

    fn waiting(&mut self, id: u64) -> Result<Option<StoredBeacon>, Infallible> {
        Ok(self.waiting.get(&id).cloned())
    }

    fn insert_waiting(&mut self, id: u64, stored: &StoredBeacon) -> Result<(), Infallible> {
        self.waiting.insert(id, stored.clone());
        Ok(())
    }

    fn remove_waiting(&mut self, id: u64) -> Result<(), Infallible> {
        self.waiting.remove(&id);
        Ok(())
    }

    fn deliver(&mut self, id: u64, stored: StoredBeacon) -> Result<(), Infallible> {
        self.waiting.remove(&id);
        self.delivered.insert(id, stored);
        Ok(())
    }

    fn insert_dead(&mut self, id: u64, stored: &StoredBeacon, reason: DeadReason) -> Result<(), Infallible> {
        self.dead.insert(id, (stored.clone(), reason));
        Ok(())
    }

    fn remove_settled(&mut self, id: u64, state: DeliveryState) -> Result<(), Infallible> {
        match state {
            DeliveryState::Delivered => drop(self.delivered.remove(&id)),
            _ => drop(self.dead.remove(&id)),
        }
        Ok(())
    }

    fn note_claim(&mut self, _claim: u64, _beacons: &[(u64, u32)]) -> Result<(), Infallible> {
        Ok(())
    }

    fn drop_claim(&mut self, _claim: u64) -> Result<(), Infallible> {
        Ok(())
    }

    fn trim(&mut self, quota: &Quota, now: Timestamp) -> Result<(), Infallible> {
        while let Some(oldest) = self.delivered.first_entry() {
            let age = now.since(oldest.get().record.created);
            if age <= quota.keep_settled && self.delivered.len() as u64 <= quota.max_settled {
                break;
            }
            self.delivered.pop_first();
        }
        while let Some(oldest) = self.dead.first_entry() {
            let age = now.since(oldest.get().0.record.created);
            if age <= quota.keep_dead && self.dead.len() as u64 <= quota.max_dead {
                break;
            }
            self.dead.pop_first();
        }
        Ok(())
    }

    fn find(&mut self, state: DeliveryState, query: &LedgerQuery) -> Result<Vec<(u64, StoredBeacon)>, Infallible> {
        let matches = |(id, stored): (&u64, &StoredBeacon)| {
            query.matches(*id, &stored.record, state).then(|| (*id, stored.clone()))
        };
        Ok(match state {
            DeliveryState::Waiting => self.waiting.iter().filter_map(matches).collect(),
            DeliveryState::Dead => self.dead.iter().filter_map(|(id, (stored, _))| matches((id, stored))).collect(),
            DeliveryState::Delivered => self.delivered.iter().filter_map(matches).collect(),
            DeliveryState::InFlight => Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn fulfils_the_contract() {
        crate::contract::outbox(MemoryOutbox::with_quota).await;
    }

    #[tokio::test(start_paused = true)]
    async fn fulfils_the_contract_of_shared_stores() {
        let env = crate::env::Env::system();
        crate::contract::shared_outbox(&MemoryOutbox::default(), &env, std::time::Duration::from_secs(2)).await;
    }
}
