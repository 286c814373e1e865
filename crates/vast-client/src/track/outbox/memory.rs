//! The outbox in memory: what a process that may forget needs. It loses what waits when the process ends.

use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};

use super::book::{Book, Shelf, Stored};
use super::error::OutboxError;
use super::ledger::{DeadReason, Query, Row, State, Stats};
use super::quota::Quota;
use super::record::Record;
use super::store::{Claim, Claims, Outbox, Put, Settlement};
use super::timestamp::Timestamp;

/// An outbox in memory.
#[derive(Debug)]
pub struct MemoryOutbox(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    book: Book,
    rows: Rows,
}

/// Rows in memory.
#[derive(Debug, Default)]
struct Rows {
    waiting: BTreeMap<u64, Stored>,
    delivered: BTreeMap<u64, Stored>,
    dead: BTreeMap<u64, (Stored, DeadReason)>,
    young_keys: HashSet<Box<str>>,
    old_keys: HashSet<Box<str>>,
}

impl Default for MemoryOutbox {
    fn default() -> Self {
        Self::with_quota(Quota::MEMORY)
    }
}

impl MemoryOutbox {
    /// An outbox that holds so much.
    pub fn with_quota(quota: Quota) -> Self {
        Self(Mutex::new(Kept { book: Book::new(quota, 0, 0, 0, Timestamp::ZERO), rows: Rows::default() }))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbox for MemoryOutbox {
    fn put(&self, batch: Vec<Record>, now: Timestamp) -> BoxFuture<'_, Result<Vec<Put>, OutboxError>> {
        let Kept { book, rows } = &mut *self.lock();
        let Ok(put) = book.put(rows, batch, now);
        let Ok(()) = book.trim(rows, now);
        ready(put).boxed()
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Claims, OutboxError>> {
        let Kept { book, rows } = &mut *self.lock();
        let Ok(claims) = book.claim(rows, &claim);
        ready(Ok(claims)).boxed()
    }

    fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) -> BoxFuture<'_, Result<usize, OutboxError>> {
        let Kept { book, rows } = &mut *self.lock();
        let Ok(settled) = book.settle(rows, settlements);
        let Ok(()) = book.trim(rows, now);
        ready(Ok(settled)).boxed()
    }

    fn rows(&self, query: Query) -> BoxFuture<'_, Result<Vec<Row>, OutboxError>> {
        let Kept { book, rows } = &*self.lock();
        ready(Ok(rows.list(book, &query))).boxed()
    }

    fn stats(&self) -> BoxFuture<'_, Stats> {
        let Kept { book, rows } = &*self.lock();
        let (waiting, in_flight, bytes) = book.counts();
        ready(Stats {
            waiting,
            in_flight,
            bytes,
            delivered: rows.delivered.len() as u64,
            dead: rows.dead.len() as u64,
            keys: (rows.young_keys.len() + rows.old_keys.len()) as u64,
            keys_forgotten_early: book.keys_forgotten_early(),
            ..Stats::default()
        })
        .boxed()
    }

    fn requeue(&self, query: Query, now: Timestamp) -> BoxFuture<'_, Result<u64, OutboxError>> {
        let Kept { book, rows } = &mut *self.lock();
        let Ok(requeued) = book.requeue(rows, &query, now);
        ready(requeued).boxed()
    }
}

impl Rows {
    fn list(&self, book: &Book, query: &Query) -> Vec<Row> {
        let state_of = |id: u64| if book.is_leased(id) { State::InFlight } else { State::Waiting };
        let waiting = self.waiting.iter().map(|(id, stored)| (*id, stored, state_of(*id), None));
        let delivered = self.delivered.iter().map(|(id, stored)| (*id, stored, State::Delivered, None));
        let dead = self.dead.iter().map(|(id, (stored, reason))| (*id, stored, State::Dead, Some(*reason)));
        let mut rows: Vec<_> = waiting.chain(delivered).chain(dead).collect();
        rows.retain(|(id, stored, state, _)| query.holds(*id, &stored.record, *state));
        rows.sort_unstable_by_key(|(id, ..)| *id);
        rows.truncate(query.limit.unwrap_or(usize::MAX));
        let row = |(id, stored, state, reason): (u64, &Stored, State, Option<DeadReason>)| {
            Row::new(id, &stored.record, &stored.progress, state, reason)
        };
        rows.into_iter().map(row).collect()
    }
}

impl Shelf for Rows {
    type Error = Infallible;

    fn is_known(&mut self, key: &str) -> Result<bool, Infallible> {
        Ok(self.young_keys.contains(key) || self.old_keys.contains(key))
    }

    fn remember(&mut self, key: &str) -> Result<(), Infallible> {
        self.young_keys.insert(key.into());
        Ok(())
    }

    fn age_keys(&mut self, _now: Timestamp) -> Result<u64, Infallible> {
        let forgotten = std::mem::replace(&mut self.old_keys, std::mem::take(&mut self.young_keys));
        Ok(forgotten.len() as u64)
    }

    fn waiting(&mut self, id: u64) -> Result<Option<Stored>, Infallible> {
        Ok(self.waiting.get(&id).cloned())
    }

    fn insert_waiting(&mut self, id: u64, stored: &Stored) -> Result<(), Infallible> {
        self.waiting.insert(id, stored.clone());
        Ok(())
    }

    fn remove_waiting(&mut self, id: u64) -> Result<(), Infallible> {
        self.waiting.remove(&id);
        Ok(())
    }

    fn insert_delivered(&mut self, id: u64, stored: &Stored) -> Result<(), Infallible> {
        self.delivered.insert(id, stored.clone());
        Ok(())
    }

    fn insert_dead(&mut self, id: u64, stored: &Stored, reason: DeadReason) -> Result<(), Infallible> {
        self.dead.insert(id, (stored.clone(), reason));
        Ok(())
    }

    fn remove_dead(&mut self, id: u64) -> Result<(), Infallible> {
        self.dead.remove(&id);
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

    fn find(&mut self, state: State, query: &Query) -> Result<Vec<(u64, Stored)>, Infallible> {
        let matches =
            |(id, stored): (&u64, &Stored)| query.holds(*id, &stored.record, state).then(|| (*id, stored.clone()));
        Ok(match state {
            State::Waiting => self.waiting.iter().filter_map(matches).collect(),
            State::Dead => self.dead.iter().filter_map(|(id, (stored, _))| matches((id, stored))).collect(),
            State::InFlight | State::Delivered => Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn does_what_an_outbox_has_to_do() {
        crate::contract::outbox(MemoryOutbox::with_quota).await;
    }
}
