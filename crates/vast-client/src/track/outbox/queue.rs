//! The decisions that all stores share: put, claim and settle within the quota.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::index::{DueIndex, Lease, TakenBeacon};
use super::interface::{Claim, Claimed, Claims, Disposition, OutboxError, PutOutcome, Settlement};
use super::ledger::{DeadReason, DeliveryState, LedgerQuery};
use super::quota::{KEY_WINDOW, Quota, WhenFull};
use super::record::{DeliveryProgress, LastAttempt, Record, StoredBeacon, Timestamp};

/// The storage for the rows of a queue. It makes no decisions: the queue makes all of them.
pub(super) trait Storage {
    type Error;

    /// Remembers a key; returns whether it is new.
    fn remember(&mut self, key: &str) -> Result<bool, Self::Error>;
    /// Removes the older half of the keys and makes the younger half the older one. Returns how many were removed.
    fn age_keys(&mut self, now: Timestamp) -> Result<u64, Self::Error>;
    fn waiting(&mut self, id: u64) -> Result<Option<StoredBeacon>, Self::Error>;
    fn insert_waiting(&mut self, id: u64, stored: &StoredBeacon) -> Result<(), Self::Error>;
    fn remove_waiting(&mut self, id: u64) -> Result<(), Self::Error>;
    /// Makes a beacon that waits a delivered one, after these attempts.
    fn deliver(&mut self, id: u64, stored: StoredBeacon) -> Result<(), Self::Error>;
    fn insert_dead(&mut self, id: u64, stored: &StoredBeacon, reason: DeadReason) -> Result<(), Self::Error>;
    /// Removes a beacon in this state, [`DeliveryState::Delivered`] or [`DeliveryState::Dead`].
    fn remove_settled(&mut self, id: u64, state: DeliveryState) -> Result<(), Self::Error>;
    /// Stores which beacons are in flight, with the number of their attempts. After a crash their attempts are in doubt.
    fn note_claim(&mut self, claim: u64, beacons: &[(u64, u32)]) -> Result<(), Self::Error>;
    fn drop_claim(&mut self, claim: u64) -> Result<(), Self::Error>;
    /// Removes settled beacons that are beyond the numbers and ages of the quota.
    fn trim(&mut self, quota: &Quota, now: Timestamp) -> Result<(), Self::Error>;
    /// The beacons in this state that match the query. The result is empty for [`DeliveryState::InFlight`], which is
    /// not a state of the storage.
    fn find(&mut self, state: DeliveryState, query: &LedgerQuery) -> Result<Vec<(u64, StoredBeacon)>, Self::Error>;
}

/// The part of a store that is in memory, and its decisions.
#[derive(Debug)]
pub(super) struct OutboxQueue {
    quota: Quota,
    index: DueIndex,
    next_id: u64,
    next_claim: u64,
    bytes: u64,
    /// Error reports that wait, the oldest first.
    errors: BTreeSet<u64>,
    young_keys: u64,
    keys_since: Timestamp,
    keys_forgotten_early: u64,
}

impl OutboxQueue {
    /// The queue of a store whose last numbers are `last_id` and `last_claim`.
    pub(super) fn new(quota: Quota, last_id: u64, last_claim: u64, young_keys: u64, keys_since: Timestamp) -> Self {
        Self {
            quota,
            index: DueIndex::default(),
            next_id: last_id + 1,
            next_claim: last_claim + 1,
            bytes: 0,
            errors: BTreeSet::new(),
            young_keys,
            keys_since,
            keys_forgotten_early: 0,
        }
    }

    pub(super) fn counts(&self) -> (u64, u64, u64) {
        (self.index.waiting(), self.index.leased(), self.bytes)
    }

    pub(super) fn keys_forgotten_early(&self) -> u64 {
        self.keys_forgotten_early
    }

    pub(super) fn is_leased(&self, id: u64) -> bool {
        self.index.is_leased(id)
    }

    /// Adds a beacon that is already in the storage.
    pub(super) fn enter(&mut self, id: u64, stored: &StoredBeacon) {
        self.enter_sized(id, stored, stored.record.size());
    }

    /// Adds a beacon whose record has this size.
    fn enter_sized(&mut self, id: u64, stored: &StoredBeacon, size: usize) {
        let StoredBeacon { record, progress } = stored;
        self.index.insert(id, progress.due, record.host());
        self.bytes += size as u64;
        if !record.is_billing() {
            self.errors.insert(id);
        }
    }

    /// Handles a claim that an earlier process left: the attempts of its beacons are in doubt.
    #[cfg(feature = "disk")]
    pub(super) fn doubt<S: Storage>(
        &mut self,
        storage: &mut S,
        claim: u64,
        beacons: &[(u64, u32)],
        now: Timestamp,
    ) -> Result<(), S::Error> {
        for (id, attempts) in beacons {
            let Some(stored) = storage.waiting(*id)? else { continue };
            // The beacon was settled after the claim and waits for its next attempt.
            if stored.progress.attempts != *attempts {
                continue;
            }
            self.leave(*id, &stored.record, stored.progress.due);
            self.let_wait(storage, *id, stored.record, doubted(&stored.progress, now))?;
        }
        storage.drop_claim(claim)
    }

    pub(super) fn put<S: Storage>(
        &mut self,
        storage: &mut S,
        batch: Vec<Record>,
        now: Timestamp,
    ) -> Result<Result<Vec<PutOutcome>, OutboxError>, S::Error> {
        // Computing a size takes as long as finding the place of a beacon in the index.
        let sizes: Vec<usize> = batch.iter().map(Record::size).collect();
        if let Err(full) = self.make_room(storage, &sizes, now)? {
            return Ok(Err(full));
        }
        let mut outcomes = Vec::with_capacity(batch.len());
        for (record, size) in batch.into_iter().zip(sizes) {
            outcomes.push(self.put_one(storage, record, size, now)?);
        }
        Ok(Ok(outcomes))
    }

    fn put_one<S: Storage>(
        &mut self,
        storage: &mut S,
        record: Record,
        size: usize,
        now: Timestamp,
    ) -> Result<PutOutcome, S::Error> {
        let key_fits = record.key.len() <= self.quota.max_key_bytes;
        let fits = key_fits && size <= self.quota.max_record_bytes;
        let record = if fits { record } else { cut(record, &self.quota) };
        let is_new = self.remember(storage, &record.key, now)?;
        if key_fits && !is_new {
            return Ok(PutOutcome::Duplicate);
        }
        let id = self.next_id;
        self.next_id += 1;
        let stored = StoredBeacon {
            record: Arc::new(record),
            progress: DeliveryProgress { due: now, ..DeliveryProgress::default() },
        };
        if !fits {
            storage.insert_dead(id, &stored, DeadReason::TooLarge)?;
            return Ok(PutOutcome::TooLarge);
        }
        storage.insert_waiting(id, &stored)?;
        self.enter_sized(id, &stored, size);
        Ok(PutOutcome::Queued)
    }

    /// Remembers a key; returns whether it is new. If the younger half of the keys is full or old, the older half is forgotten
    /// first.
    fn remember<S: Storage>(&mut self, storage: &mut S, key: &str, now: Timestamp) -> Result<bool, S::Error> {
        let is_over = now.since(self.keys_since) >= KEY_WINDOW;
        if is_over || self.young_keys >= self.quota.max_keys / 2 {
            let forgotten = storage.age_keys(now)?;
            self.keys_forgotten_early += if is_over { 0 } else { forgotten };
            (self.young_keys, self.keys_since) = (0, now);
        }
        let is_new = storage.remember(key)?;
        self.young_keys += u64::from(is_new);
        Ok(is_new)
    }

    /// Makes room for a batch with these sizes by eviction, as far as the quota allows it; an error if the batch does not fit.
    fn make_room<S: Storage>(
        &mut self,
        storage: &mut S,
        sizes: &[usize],
        now: Timestamp,
    ) -> Result<Result<(), OutboxError>, S::Error> {
        let bytes: usize = sizes.iter().filter(|size| **size <= self.quota.max_record_bytes).sum();
        let (waiting, leased, held) = self.counts();
        let over = (waiting + leased + sizes.len() as u64).saturating_sub(self.quota.max_waiting);
        let over_bytes = (held + bytes as u64).saturating_sub(self.quota.max_bytes);
        if over == 0 && over_bytes == 0 {
            return Ok(Ok(()));
        }
        let full = OutboxError::Full { waiting: waiting + leased };
        if self.quota.when_full == WhenFull::Refuse || over > self.errors.len() as u64 {
            return Ok(Err(full));
        }
        let Some(victims) = self.victims(storage, over, over_bytes)? else { return Ok(Err(full)) };
        for (id, stored) in victims {
            self.leave(id, &stored.record, stored.progress.due);
            storage.remove_waiting(id)?;
            storage.insert_dead(
                id,
                &ended(stored, now, "removed to make room for other beacons"),
                DeadReason::Evicted,
            )?;
        }
        Ok(Ok(()))
    }

    /// The oldest error reports that together free this number of rows and bytes; `None` if there are not enough.
    fn victims<S: Storage>(
        &self,
        storage: &mut S,
        number: u64,
        bytes: u64,
    ) -> Result<Option<Vec<(u64, StoredBeacon)>>, S::Error> {
        let (mut victims, mut freed) = (Vec::new(), 0);
        for id in &self.errors {
            if victims.len() as u64 >= number && freed >= bytes {
                break;
            }
            if let Some(stored) = storage.waiting(*id)? {
                freed += stored.record.size() as u64;
                victims.push((*id, stored));
            }
        }
        Ok((victims.len() as u64 >= number && freed >= bytes).then_some(victims))
    }

    pub(super) fn claim<S: Storage>(&mut self, storage: &mut S, claim: &Claim) -> Result<Claims, S::Error> {
        while let Some((number, beacons)) = self.index.release_expired(claim.now) {
            storage.drop_claim(number)?;
            for (id, Lease { record, progress, .. }) in beacons {
                self.bytes = self.bytes.saturating_sub(record.size() as u64);
                self.let_wait(storage, id, record, doubted(&progress, claim.now))?;
            }
        }
        let mut beacons = Vec::new();
        for taken in self.index.take(claim) {
            match storage.waiting(taken.id)? {
                Some(stored) => beacons.push((taken, stored)),
                // A row that cannot be read stays in the storage.
                None => self.index.leave_out(taken),
            }
        }
        let claimed = beacons.iter().map(|(taken, stored)| self.claimed(*taken, stored)).collect();
        self.lease(storage, beacons, claim)?;
        Ok(Claims { beacons: claimed, next: self.index.next(claim) })
    }

    fn claimed(&self, taken: TakenBeacon, stored: &StoredBeacon) -> Claimed {
        let StoredBeacon { record, progress } = stored.clone();
        Claimed { id: taken.id, host: Arc::clone(self.index.host_of(taken)), record, progress }
    }

    fn lease<S: Storage>(
        &mut self,
        storage: &mut S,
        beacons: Vec<(TakenBeacon, StoredBeacon)>,
        claim: &Claim,
    ) -> Result<(), S::Error> {
        if beacons.is_empty() {
            return Ok(());
        }
        let number = self.next_claim;
        self.next_claim += 1;
        let noted: Vec<_> = beacons.iter().map(|(taken, stored)| (taken.id, stored.progress.attempts)).collect();
        storage.note_claim(number, &noted)?;
        for (id, _) in &noted {
            self.errors.remove(id);
        }
        self.index.lease(number, claim.now.after(claim.lease), beacons);
        Ok(())
    }

    pub(super) fn settle<S: Storage>(
        &mut self,
        storage: &mut S,
        settlements: Vec<Settlement>,
    ) -> Result<usize, S::Error> {
        let mut settled = 0;
        for settlement in settlements {
            let released = self.index.release(settlement.id, settlement.attempts);
            let Some((lease, is_claim_over)) = released else { continue };
            settled += 1;
            if is_claim_over {
                storage.drop_claim(lease.claim)?;
            }
            self.bytes = self.bytes.saturating_sub(lease.record.size() as u64);
            self.close(storage, settlement, lease)?;
        }
        Ok(settled)
    }

    fn close<S: Storage>(&mut self, storage: &mut S, settlement: Settlement, lease: Lease) -> Result<(), S::Error> {
        let Settlement { id, disposition, last, .. } = settlement;
        let Lease { record, mut progress, .. } = lease;
        progress.attempts += 1;
        progress.last = Some(last);
        match disposition {
            Disposition::RetryAt { at, in_doubt } => {
                progress.due = at;
                progress.in_doubt += u32::from(in_doubt);
                self.let_wait(storage, id, record, progress)
            }
            Disposition::Delivered => storage.deliver(id, StoredBeacon { record, progress }),
            Disposition::Dead(reason) => {
                progress.in_doubt += u32::from(reason == DeadReason::InDoubt);
                storage.remove_waiting(id)?;
                storage.insert_dead(id, &StoredBeacon { record, progress }, reason)
            }
        }
    }

    /// Removes settled beacons beyond the quota. Once per commit is enough.
    pub(super) fn trim<S: Storage>(&self, storage: &mut S, now: Timestamp) -> Result<(), S::Error> {
        storage.trim(&self.quota, now)
    }

    pub(super) fn requeue<S: Storage>(
        &mut self,
        storage: &mut S,
        query: &LedgerQuery,
        now: Timestamp,
    ) -> Result<Result<u64, OutboxError>, S::Error> {
        let limit = query.limit.unwrap_or(usize::MAX);
        let mut requeued = 0;
        for (id, stored) in storage.find(DeliveryState::Waiting, query)?.into_iter().take(limit) {
            if !self.index.is_leased(id) {
                self.leave(id, &stored.record, stored.progress.due);
                self.let_wait(storage, id, stored.record, DeliveryProgress { due: now, ..stored.progress })?;
                requeued += 1;
            }
        }
        let dead = storage.find(DeliveryState::Dead, query)?;
        let room = self.quota.max_waiting.saturating_sub(self.index.waiting() + self.index.leased());
        if dead.len() as u64 > room {
            return Ok(Err(OutboxError::Full { waiting: self.index.waiting() }));
        }
        for (id, stored) in dead.into_iter().take(limit.saturating_sub(requeued)) {
            storage.remove_settled(id, DeliveryState::Dead)?;
            let record = renewed(&stored.record, now);
            let progress = DeliveryProgress { due: now, in_doubt: 0, ..stored.progress };
            self.let_wait(storage, id, Arc::new(record), progress)?;
            requeued += 1;
        }
        Ok(Ok(requeued as u64))
    }

    /// Removes settled beacons that match; those that wait only if the query has that state.
    #[cfg(feature = "disk")]
    pub(super) fn purge<S: Storage>(&mut self, storage: &mut S, query: &LedgerQuery) -> Result<u64, S::Error> {
        let (limit, mut purged) = (query.limit.unwrap_or(usize::MAX), 0);
        if query.state == Some(DeliveryState::Waiting) {
            for (id, stored) in storage.find(DeliveryState::Waiting, query)?.into_iter().take(limit) {
                if !self.index.is_leased(id) {
                    self.leave(id, &stored.record, stored.progress.due);
                    storage.remove_waiting(id)?;
                    purged += 1;
                }
            }
        }
        for state in [DeliveryState::Delivered, DeliveryState::Dead] {
            for (id, _) in storage.find(state, query)?.into_iter().take(limit.saturating_sub(purged)) {
                storage.remove_settled(id, state)?;
                purged += 1;
            }
        }
        Ok(purged as u64)
    }

    fn let_wait<S: Storage>(
        &mut self,
        storage: &mut S,
        id: u64,
        record: Arc<Record>,
        progress: DeliveryProgress,
    ) -> Result<(), S::Error> {
        let stored = StoredBeacon { record, progress };
        storage.insert_waiting(id, &stored)?;
        self.enter(id, &stored);
        Ok(())
    }

    /// Removes a waiting beacon from the queue.
    fn leave(&mut self, id: u64, record: &Record, due: Timestamp) {
        self.index.remove(id, due, record.host());
        self.errors.remove(&id);
        self.bytes = self.bytes.saturating_sub(record.size() as u64);
    }
}

/// The progress after one more attempt that ended in doubt.
fn doubted(progress: &DeliveryProgress, now: Timestamp) -> DeliveryProgress {
    let message = "the attempt was interrupted".into();
    DeliveryProgress {
        due: now,
        attempts: progress.attempts + 1,
        in_doubt: progress.in_doubt + 1,
        last: Some(LastAttempt { at: now, status: None, message }),
    }
}

fn ended(stored: StoredBeacon, now: Timestamp, message: &'static str) -> StoredBeacon {
    let last = Some(LastAttempt { at: now, status: None, message: message.into() });
    StoredBeacon { progress: DeliveryProgress { last, ..stored.progress }, ..stored }
}

/// The same beacon with a new age limit of the same length.
fn renewed(record: &Record, now: Timestamp) -> Record {
    Record { expires: now.after(record.expires.since(record.created)), ..record.clone() }
}

/// A shortened copy of a record that is too large.
fn cut(mut record: Record, quota: &Quota) -> Record {
    truncate(&mut record.key, quota.max_key_bytes);
    truncate(&mut record.url, quota.max_record_bytes / 4);
    record.headers = Arc::default();
    record.consent = Arc::default();
    record
}

fn truncate(text: &mut String, bytes: usize) {
    if text.len() > bytes {
        let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
}
