//! The tables of the file: a write transaction's view of them as [`Storage`].

use std::collections::BTreeMap;
use std::mem::ManuallyDrop;

use redb::{ReadableTable, ReadableTableMetadata, Table, WriteTransaction};

use super::super::ledger::{DeadReason, DeliveryState, LedgerQuery};
use super::super::queue::Storage;
use super::super::quota::Quota;
use super::super::record::{StoredBeacon, Timestamp};
use super::codec::{self, RecordScope};
use super::folded::LazyTransaction;
use super::journal::{self, JOURNAL, JournalWriter, RowChange};
use super::layout::{
    CLAIMS, DEAD, DELIVERED, Error, KEYS, META, META_FRAME, META_ID, META_SINCE, META_YOUNG, ROW_TABLES, RowTable,
    WAITING, key_tables, young,
};
use super::pending::RowMemory;
use super::row_batch::{remove_rows, write_keys, write_rows};

/// A table of rows that is open for writing.
type OpenRows<'txn> = Table<'txn, u64, &'static [u8]>;

/// The tables in one transaction, with the changes that are in memory. See [`change`].
pub(super) struct Tables<'txn> {
    txn: &'txn LazyTransaction<'txn>,
    /// In a damaged file, reading can panic. The destructors of open tables would panic too, which ends the process, so they do not run
    /// then. Their memory, some 100 kB, is lost once for each outbox that is opened over such a file.
    open: ManuallyDrop<OpenTables<'txn>>,
    memory: &'txn mut RowMemory,
    /// The changes of this transaction that are in memory.
    journal: JournalWriter,
    /// Whether this transaction has changed tables, so that it has to be committed.
    pub(super) is_written: bool,
}

/// The tables that this transaction has needed until now.
#[derive(Default)]
struct OpenTables<'txn> {
    waiting: Option<OpenRows<'txn>>,
    delivered: Option<OpenRows<'txn>>,
    dead: Option<OpenRows<'txn>>,
    claims: Option<OpenRows<'txn>>,
    /// The younger keys, then the older keys.
    keys: Option<[Table<'txn, &'static str, ()>; 2]>,
}

/// The number of a claim and its beacons, each with the number of attempts that it had before the claim.
pub(super) type OpenClaim = (u64, Vec<(u64, u32)>);

/// The state of the idempotency keys when a file is opened.
pub(super) struct KeyState {
    pub(super) young: u64,
    pub(super) since: Timestamp,
}

/// The numbers of rows of a file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RowCounts {
    pub(super) delivered: u64,
    pub(super) dead: u64,
    pub(super) keys: u64,
}

/// What [`Tables::replay`] found in the journal.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ReplayedJournal {
    /// The time of the last commit in it.
    pub(super) last: Timestamp,
    /// The number of its rows that cannot be read.
    pub(super) unreadable: u64,
}

/// Opens each table alone. After a panic here, which a damaged file can cause, the transaction and the file can still be closed; with
/// other tables open they cannot.
pub(super) fn try_open(txn: &WriteTransaction) -> Result<(), Error> {
    for table in ROW_TABLES {
        drop(txn.open_table(table)?);
    }
    for table in KEYS {
        drop(txn.open_table(table)?);
    }
    Ok(())
}

/// The id of the file, which is `id` if it has none, and the number of the first frame of its commit log that the tables do not contain.
pub(super) fn log_place(txn: &WriteTransaction, id: u64) -> Result<(u64, u64), Error> {
    let mut meta = txn.open_table(META)?;
    let known = meta.get(META_ID)?.map(|id| id.value());
    if known.is_none() {
        meta.insert(META_ID, id)?;
    }
    let frame = meta.get(META_FRAME)?.map_or(0, |frame| frame.value());
    Ok((known.unwrap_or(id), frame))
}

/// Calls `change` with the tables of a transaction. The changes are in memory; [`Tables::fold`] writes them to the tables.
pub(super) fn change<T>(
    txn: &LazyTransaction<'_>,
    memory: &mut RowMemory,
    change: impl FnOnce(&mut Tables<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut tables =
        Tables { txn, open: ManuallyDrop::default(), memory, journal: JournalWriter::default(), is_written: false };
    let changed = change(&mut tables);
    drop(ManuallyDrop::into_inner(tables.open));
    changed
}

/// The table that is open in `place`. If none is, it is opened first.
fn opened<'a, 'txn>(
    txn: &'txn WriteTransaction,
    place: &'a mut Option<OpenRows<'txn>>,
    table: RowTable,
) -> Result<&'a mut OpenRows<'txn>, Error> {
    match place {
        Some(open) => Ok(open),
        closed => Ok(closed.insert(txn.open_table(table)?)),
    }
}

impl<'txn> Tables<'txn> {
    /// The write transaction, which is begun if it is not yet.
    fn txn(&mut self) -> Result<&'txn WriteTransaction, Error> {
        self.memory.folded = None;
        self.txn.get()
    }

    fn waiting_rows(&mut self) -> Result<&mut OpenRows<'txn>, Error> {
        opened(self.txn()?, &mut self.open.waiting, WAITING)
    }

    fn delivered_rows(&mut self) -> Result<&mut OpenRows<'txn>, Error> {
        opened(self.txn()?, &mut self.open.delivered, DELIVERED)
    }

    fn dead_rows(&mut self) -> Result<&mut OpenRows<'txn>, Error> {
        opened(self.txn()?, &mut self.open.dead, DEAD)
    }

    fn claim_rows(&mut self) -> Result<&mut OpenRows<'txn>, Error> {
        opened(self.txn()?, &mut self.open.claims, CLAIMS)
    }

    fn keys(&mut self) -> Result<&mut [Table<'txn, &'static str, ()>; 2], Error> {
        let txn = self.txn()?;
        match &mut self.open.keys {
            Some(keys) => Ok(keys),
            closed => {
                let [young, old] = key_tables(&txn.open_table(META)?)?;
                let younger = ManuallyDrop::new(txn.open_table(young)?);
                let older = txn.open_table(old)?;
                Ok(closed.insert([ManuallyDrop::into_inner(younger), older]))
            }
        }
    }

    /// Whether the tables have a key.
    fn has_key(&mut self, key: &str) -> Result<bool, Error> {
        if let Some(folded) = self.txn.folded(&mut self.memory.folded)? {
            return folded.has_key(key);
        }
        let [young, old] = self.keys()?;
        Ok((!old.is_empty()? && old.get(key)?.is_some()) || young.get(key)?.is_some())
    }

    /// The changes of this transaction that are only in memory, as a row of the journal; `None` without changes. `now` is the time of the
    /// commit.
    pub(super) fn journal_row(&mut self, now: Timestamp) -> Option<Vec<u8>> {
        let journal = std::mem::take(&mut self.journal);
        (!journal.is_empty()).then(|| journal.row(now))
    }

    /// Writes all changes that are in memory to their tables.
    pub(super) fn fold(&mut self) -> Result<(), Error> {
        self.journal = JournalWriter::default();
        if self.memory.pending.is_empty() {
            return Ok(());
        }
        let rows = self.memory.pending.take();
        let waiting = self.waiting_rows()?;
        remove_rows(waiting, &removed(&rows.waiting))?;
        write_rows(waiting, &rows.waiting, |stored, bytes| {
            let Some(stored) = stored else { return false };
            codec::encode_into(bytes, stored, None, RecordScope::Full);
            true
        })?;
        write_rows(self.delivered_rows()?, &rows.delivered, |stored, bytes| {
            codec::encode_into(bytes, stored, None, RecordScope::WithoutHeaders);
            true
        })?;
        write_rows(self.dead_rows()?, &rows.dead, |(stored, reason), bytes| {
            codec::encode_into(bytes, stored, Some(*reason), RecordScope::Full);
            true
        })?;
        let claims = self.claim_rows()?;
        remove_rows(claims, &removed(&rows.claims))?;
        write_rows(claims, &rows.claims, |beacons, bytes| {
            bytes.extend(beacons.iter().flat_map(|beacons| codec::encode_claim(beacons)));
            beacons.is_some()
        })?;
        let mut keys: Vec<&str> = rows.keys.iter().map(String::as_str).collect();
        keys.sort_unstable();
        let [young, _] = self.keys()?;
        write_keys(young, &keys)?;
        for (id, stored) in rows.waiting {
            stored.into_iter().for_each(|stored| self.memory.recent.insert(id, stored));
        }
        self.is_written = true;
        Ok(())
    }

    /// Writes the changes of the journal that an earlier process left to the tables: that of format 2, and `logged`, the rows of the
    /// commit log.
    pub(super) fn replay(&mut self, logged: &[Vec<u8>]) -> Result<ReplayedJournal, Error> {
        let mut replayed = ReplayedJournal::default();
        let mut rows = Vec::new();
        let txn = self.txn()?;
        for row in txn.open_table(JOURNAL)?.iter()? {
            rows.push(row?.1.value().to_vec());
        }
        txn.delete_table(JOURNAL)?;
        for row in rows.iter().chain(logged) {
            let Some((time, changes)) = journal::decode(row) else {
                replayed.unreadable += 1;
                continue;
            };
            replayed.last = replayed.last.max(time);
            for change in changes {
                self.apply(change)?;
            }
        }
        self.fold()?;
        Ok(replayed)
    }

    fn apply(&mut self, change: RowChange) -> Result<(), Error> {
        match change {
            RowChange::Key(key) => drop(self.memory.pending.keys.insert(key)),
            RowChange::Waiting(id, stored) => self.memory.pending.insert_waiting(id, stored),
            RowChange::Removed(id) => self.memory.pending.remove_waiting(id),
            RowChange::Delivered(id, progress) => {
                // The row of the journal that had the beacon may be unreadable.
                if let Some(StoredBeacon { record, .. }) = self.waiting(id)? {
                    self.memory.pending.remove_waiting(id);
                    self.memory.pending.delivered.insert(id, StoredBeacon { record, progress });
                }
            }
            RowChange::Dead(id, stored, reason) => self.memory.pending.insert_dead(id, stored, reason),
            RowChange::Claimed(claim, beacons) => self.memory.pending.note_claim(claim, beacons),
            RowChange::ClaimOver(claim) => self.memory.pending.drop_claim(claim),
        }
        Ok(())
    }

    pub(super) fn key_state(&mut self) -> Result<KeyState, Error> {
        let young = self.keys()?[0].len()?;
        let meta = self.txn()?.open_table(META)?;
        let since = Timestamp::from_millis(meta.get(META_SINCE)?.map_or(0, |since| since.value()));
        Ok(KeyState { young, since })
    }

    /// The numbers of rows that the file has, without those that are only in the journal.
    pub(super) fn row_counts(&mut self) -> Result<RowCounts, Error> {
        let [young, old] = self.keys()?;
        let keys = young.len()? + old.len()?;
        Ok(RowCounts { delivered: self.delivered_rows()?.len()?, dead: self.dead_rows()?.len()?, keys })
    }

    /// Calls `visit` with the number and the bytes of each row of the table of those that wait or are in flight.
    pub(super) fn each_waiting(&mut self, mut visit: impl FnMut(u64, &[u8])) -> Result<(), Error> {
        for row in self.waiting_rows()?.iter()? {
            let (id, bytes) = row?;
            visit(id.value(), bytes.value());
        }
        Ok(())
    }

    /// The claims of the table.
    pub(super) fn open_claims(&mut self) -> Result<Vec<OpenClaim>, Error> {
        let claim = |row: Result<(redb::AccessGuard<'_, u64>, redb::AccessGuard<'_, &[u8]>), _>| {
            row.map(|(claim, beacons)| (claim.value(), codec::decode_claim(beacons.value())))
        };
        Ok(self.claim_rows()?.iter()?.map(claim).collect::<Result<_, redb::StorageError>>()?)
    }

    /// The highest number of a row of the tables; 0 without rows.
    pub(super) fn last_id(&mut self) -> Result<u64, Error> {
        let last =
            |table: &mut OpenRows<'txn>| -> Result<u64, Error> { Ok(table.last()?.map_or(0, |(id, _)| id.value())) };
        let (waiting, delivered) = (last(self.waiting_rows()?)?, last(self.delivered_rows()?)?);
        Ok(waiting.max(delivered).max(last(self.dead_rows()?)?))
    }

    /// From now on, beacons and claims with higher numbers are known to be in no table.
    pub(super) fn begin(&mut self, last_id: u64, last_claim: u64) {
        self.memory.pending.begin(last_id, last_claim);
    }
}

/// The numbers of the rows that are removed.
fn removed<T>(rows: &BTreeMap<u64, Option<T>>) -> Vec<u64> {
    rows.iter().filter(|(_, row)| row.is_none()).map(|(id, _)| *id).collect()
}

impl Storage for Tables<'_> {
    type Error = Error;

    fn remember(&mut self, key: &str) -> Result<bool, Error> {
        if self.memory.pending.keys.contains(key) || self.has_key(key)? {
            return Ok(false);
        }
        self.journal.key(key);
        self.memory.pending.keys.insert(key.to_owned());
        Ok(true)
    }

    fn age_keys(&mut self, now: Timestamp) -> Result<u64, Error> {
        self.fold()?;
        self.is_written = true;
        let forgotten = self.keys()?[1].len()?;
        self.open.keys = None;
        let txn = self.txn()?;
        let mut meta = txn.open_table(META)?;
        let old = 1 - young(&meta)?;
        txn.delete_table(KEYS[old])?;
        meta.insert(META_YOUNG, old as u64)?;
        meta.insert(META_SINCE, now.millis())?;
        Ok(forgotten)
    }

    fn waiting(&mut self, id: u64) -> Result<Option<StoredBeacon>, Error> {
        if let Some(pending) = self.memory.pending.waiting.get(&id) {
            return Ok(pending.clone());
        }
        if let Some(recent) = self.memory.recent.get(id) {
            return Ok(Some(recent.clone()));
        }
        if let Some(folded) = self.txn.folded(&mut self.memory.folded)? {
            return folded.waiting(id);
        }
        Ok(self.waiting_rows()?.get(id)?.and_then(|row| codec::stored(row.value())))
    }

    fn insert_waiting(&mut self, id: u64, stored: &StoredBeacon) -> Result<(), Error> {
        self.journal.waiting(id, stored);
        self.memory.pending.insert_waiting(id, stored.clone());
        Ok(())
    }

    fn remove_waiting(&mut self, id: u64) -> Result<(), Error> {
        self.journal.removed(id);
        self.memory.recent.remove(id);
        self.memory.pending.remove_waiting(id);
        Ok(())
    }

    fn deliver(&mut self, id: u64, stored: StoredBeacon) -> Result<(), Error> {
        self.journal.delivered(id, &stored.progress);
        self.memory.recent.remove(id);
        self.memory.pending.remove_waiting(id);
        self.memory.pending.delivered.insert(id, stored);
        Ok(())
    }

    fn insert_dead(&mut self, id: u64, stored: &StoredBeacon, reason: DeadReason) -> Result<(), Error> {
        self.journal.dead(id, stored, reason);
        self.memory.pending.insert_dead(id, stored.clone(), reason);
        Ok(())
    }

    fn remove_settled(&mut self, id: u64, state: DeliveryState) -> Result<(), Error> {
        // `find` has written all changes to the tables, so the beacon is in its table.
        self.is_written = true;
        match state {
            DeliveryState::Delivered => drop(self.delivered_rows()?.remove(id)?),
            _ => drop(self.dead_rows()?.remove(id)?),
        }
        Ok(())
    }

    fn note_claim(&mut self, claim: u64, beacons: &[(u64, u32)]) -> Result<(), Error> {
        self.journal.claimed(claim, beacons);
        self.memory.pending.note_claim(claim, beacons.to_vec());
        Ok(())
    }

    fn drop_claim(&mut self, claim: u64) -> Result<(), Error> {
        self.journal.claim_over(claim);
        self.memory.pending.drop_claim(claim);
        Ok(())
    }

    fn trim(&mut self, quota: &Quota, now: Timestamp) -> Result<(), Error> {
        let delivered = trim(self.delivered_rows()?, quota.max_settled, quota.keep_settled, now)?;
        let dead = trim(self.dead_rows()?, quota.max_dead, quota.keep_dead, now)?;
        self.is_written |= delivered || dead;
        Ok(())
    }

    fn find(&mut self, state: DeliveryState, query: &LedgerQuery) -> Result<Vec<(u64, StoredBeacon)>, Error> {
        self.fold()?;
        let table = match state {
            DeliveryState::Waiting => self.waiting_rows()?,
            DeliveryState::Dead => self.dead_rows()?,
            DeliveryState::Delivered => self.delivered_rows()?,
            DeliveryState::InFlight => return Ok(Vec::new()),
        };
        let mut found = Vec::new();
        for row in table.iter()? {
            let (id, bytes) = row?;
            if let Ok((stored, _)) = codec::decode(bytes.value())
                && query.matches(id.value(), &stored.record, state)
            {
                found.push((id.value(), stored));
            }
        }
        Ok(found)
    }
}

/// Removes the oldest rows while the table has more than `most` rows or the oldest one is older than `keep`. Returns whether
/// a row was removed.
fn trim(
    table: &mut Table<'_, u64, &'static [u8]>,
    most: u64,
    keep: std::time::Duration,
    now: Timestamp,
) -> Result<bool, Error> {
    let mut is_changed = false;
    loop {
        let is_full = table.len()? > most;
        let is_over = |row: &[u8]| is_full || now.since(codec::created(row)) > keep;
        if !table.first()?.is_some_and(|(_, row)| is_over(row.value())) {
            return Ok(is_changed);
        }
        table.pop_first()?;
        is_changed = true;
    }
}
