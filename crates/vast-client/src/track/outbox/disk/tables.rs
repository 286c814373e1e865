//! The tables of the file: a write transaction's view of them as [`Storage`], and the read of ledger rows.

use std::collections::{BTreeMap, HashSet};
use std::mem::ManuallyDrop;
use std::sync::Arc;

use redb::{
    Database, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata, Table, TableDefinition,
    WriteTransaction,
};

use super::super::ledger::{DeadReason, DeliveryState, LedgerQuery, LedgerRow};
use super::super::queue::Storage;
use super::super::quota::Quota;
use super::super::record::{StoredBeacon, Timestamp};
use super::codec::{self, RecordScope};
use super::row_batch::RowBatch;

/// The format of the file. A file of a newer format is refused.
pub(super) const FORMAT: u64 = 1;

/// A table of rows: the number of the row, and its bytes.
pub(super) type RowTable = TableDefinition<'static, u64, &'static [u8]>;

/// The beacons that wait or are in flight.
pub(super) const WAITING: RowTable = TableDefinition::new("waiting");
/// The delivered beacons, without their headers. Only the ledger reads them.
pub(super) const DELIVERED: RowTable = TableDefinition::new("delivered");
/// Dead letters.
pub(super) const DEAD: RowTable = TableDefinition::new("dead");
/// For each open claim: its beacons, each with the number of its attempts.
pub(super) const CLAIMS: RowTable = TableDefinition::new("claims");
const ROW_TABLES: [RowTable; 4] = [WAITING, DELIVERED, DEAD, CLAIMS];
/// The idempotency keys in two halves. The tables swap their roles when the older half is forgotten.
const KEYS: [TableDefinition<'static, &'static str, ()>; 2] =
    [TableDefinition::new("keys-0"), TableDefinition::new("keys-1")];
/// Numbers about the file.
pub(super) const META: TableDefinition<'static, &'static str, u64> = TableDefinition::new("meta");
/// In [`META`]: the format of the file.
pub(super) const META_FORMAT: &str = "format";
/// In [`META`]: the index in `KEYS` of the table with the younger keys.
const META_YOUNG: &str = "young-keys";
/// In [`META`]: the time since which this table receives the younger keys.
const META_SINCE: &str = "young-keys-since";

/// In [`META`]: the time of the last commit. If it is later than the clock, the clock was set back.
pub(super) const META_LAST: &str = "last-commit";

/// Every error of redb.
pub(super) type Error = redb::Error;

/// The most bytes of the records in [`RecentRows`].
const RECENT_BYTES: usize = 4 << 20;

/// The youngest rows that wait or are in flight, decoded: most beacons are claimed soon after they were put, and reading a record
/// from its row takes longer than all other work of a claim. Not all rows are here, and a failed commit ends the use of the map.
#[derive(Default)]
pub(super) struct RecentRows {
    rows: BTreeMap<u64, StoredBeacon>,
    /// The sum of the sizes of their records.
    bytes: usize,
}

impl RecentRows {
    fn insert(&mut self, id: u64, stored: &StoredBeacon) {
        self.remove(id);
        self.bytes += stored.record.size();
        self.rows.insert(id, stored.clone());
        while self.bytes > RECENT_BYTES
            && let Some((_, oldest)) = self.rows.pop_first()
        {
            self.bytes -= oldest.record.size();
        }
    }

    fn remove(&mut self, id: u64) {
        if let Some(removed) = self.rows.remove(&id) {
            self.bytes -= removed.record.size();
        }
    }
}

/// The tables, open in one transaction. See [`change`].
pub(super) struct Tables<'txn> {
    txn: &'txn WriteTransaction,
    waiting: Table<'txn, u64, &'static [u8]>,
    /// The changes of `waiting` that are not applied yet.
    waiting_changes: RowBatch,
    recent: &'txn mut RecentRows,
    delivered: Table<'txn, u64, &'static [u8]>,
    /// The changes of `delivered` that are not applied yet.
    delivered_changes: RowBatch,
    dead: Table<'txn, u64, &'static [u8]>,
    claims: Table<'txn, u64, &'static [u8]>,
    /// The younger keys, then the older keys; `None` only while the two tables swap their roles.
    keys: Option<[Table<'txn, &'static str, ()>; 2]>,
    /// Whether this transaction has changed something.
    pub(super) is_changed: bool,
}

/// The number of a claim and its beacons, each with the number of attempts that it had before the claim.
pub(super) type OpenClaim = (u64, Vec<(u64, u32)>);

/// The state of the idempotency keys when a file is opened.
pub(super) struct KeyState {
    pub(super) young: u64,
    pub(super) since: Timestamp,
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

/// Opens the tables, calls `change` and applies all changes to the transaction.
pub(super) fn change<T>(
    txn: &WriteTransaction,
    recent: &mut RecentRows,
    change: impl FnOnce(&mut Tables<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut tables = Tables::open(txn, recent)?;
    let changed = change(&mut tables)?;
    tables.apply()?;
    Ok(changed)
}

impl<'txn> Tables<'txn> {
    fn open(txn: &'txn WriteTransaction, recent: &'txn mut RecentRows) -> Result<Self, Error> {
        let young = young(&txn.open_table(META)?)?;
        // In a damaged file, opening can panic. The destructors of tables that are open already would panic too, which ends the
        // process, so they do not run then.
        let rows = ROW_TABLES.map(|table| ManuallyDrop::new(txn.open_table(table)));
        let keys = [KEYS[young], KEYS[1 - young]].map(|table| ManuallyDrop::new(txn.open_table(table)));
        let [waiting, delivered, dead, claims] = rows.map(ManuallyDrop::into_inner);
        let [younger, older] = keys.map(ManuallyDrop::into_inner);
        Ok(Self {
            txn,
            waiting: waiting?,
            waiting_changes: RowBatch::default(),
            recent,
            delivered: delivered?,
            delivered_changes: RowBatch::default(),
            dead: dead?,
            claims: claims?,
            keys: Some([younger?, older?]),
            is_changed: false,
        })
    }

    /// Applies the changes that were collected.
    fn apply(&mut self) -> Result<(), Error> {
        self.waiting_changes.apply(&mut self.waiting)?;
        self.delivered_changes.apply(&mut self.delivered)
    }

    pub(super) fn key_state(&self) -> Result<KeyState, Error> {
        let meta = self.txn.open_table(META)?;
        let since = Timestamp::from_millis(meta.get(META_SINCE)?.map_or(0, |since| since.value()));
        let young = self.keys.as_ref().map_or(Ok(0), |[young, _]| young.len())?;
        Ok(KeyState { young, since })
    }

    /// Calls `visit` with the number and the bytes of each row that waits or is in flight.
    pub(super) fn each_waiting(&mut self, mut visit: impl FnMut(u64, &[u8])) -> Result<(), Error> {
        self.apply()?;
        for row in self.waiting.iter()? {
            let (id, bytes) = row?;
            visit(id.value(), bytes.value());
        }
        Ok(())
    }

    /// The claims that are not settled yet.
    pub(super) fn open_claims(&self) -> Result<Vec<OpenClaim>, Error> {
        let claim = |row: Result<(redb::AccessGuard<'_, u64>, redb::AccessGuard<'_, &[u8]>), _>| {
            row.map(|(claim, beacons)| (claim.value(), codec::decode_claim(beacons.value())))
        };
        Ok(self.claims.iter()?.map(claim).collect::<Result<_, redb::StorageError>>()?)
    }

    /// The highest number of a row; 0 without rows.
    pub(super) fn last_id(&mut self) -> Result<u64, Error> {
        self.apply()?;
        let mut last = 0;
        for table in [&self.waiting, &self.delivered, &self.dead] {
            last = last.max(table.last()?.map_or(0, |(id, _)| id.value()));
        }
        Ok(last)
    }
}

/// The index of the table with the younger keys.
fn young(meta: &impl ReadableTable<&'static str, u64>) -> Result<usize, Error> {
    Ok(meta.get(META_YOUNG)?.map_or(0, |young| usize::from(young.value() == 1)))
}

/// The number of idempotency keys in the file.
pub(super) fn count_keys(txn: &redb::ReadTransaction) -> Result<u64, Error> {
    Ok(txn.open_table(KEYS[0])?.len()? + txn.open_table(KEYS[1])?.len()?)
}

impl Storage for Tables<'_> {
    type Error = Error;

    fn remember(&mut self, key: &str) -> Result<bool, Error> {
        let Some([young, old]) = &mut self.keys else { return Ok(true) };
        let is_known = (!old.is_empty()? && old.get(key)?.is_some()) || young.insert(key, ())?.is_some();
        // Writing a key again changes nothing, so that a batch of known keys needs no sync.
        self.is_changed |= !is_known;
        Ok(!is_known)
    }

    fn age_keys(&mut self, now: Timestamp) -> Result<u64, Error> {
        self.is_changed = true;
        let forgotten = self.keys.take().map_or(Ok(0), |[_, old]| old.len())?;
        let mut meta = self.txn.open_table(META)?;
        let old = 1 - young(&meta)?;
        self.txn.delete_table(KEYS[old])?;
        meta.insert(META_YOUNG, old as u64)?;
        meta.insert(META_SINCE, now.millis())?;
        self.keys = Some([self.txn.open_table(KEYS[old])?, self.txn.open_table(KEYS[1 - old])?]);
        Ok(forgotten)
    }

    fn waiting(&mut self, id: u64) -> Result<Option<StoredBeacon>, Error> {
        if let Some(recent) = self.recent.rows.get(&id) {
            return Ok(Some(recent.clone()));
        }
        self.waiting_changes.apply(&mut self.waiting)?;
        let row = self.waiting.get(id)?;
        Ok(row.and_then(|row| codec::decode(row.value()).ok()).map(|(stored, _)| stored))
    }

    fn insert_waiting(&mut self, id: u64, stored: &StoredBeacon) -> Result<(), Error> {
        self.is_changed = true;
        self.recent.insert(id, stored);
        self.waiting_changes.insert(id, codec::encode(stored, None, RecordScope::Full));
        Ok(())
    }

    fn remove_waiting(&mut self, id: u64) -> Result<(), Error> {
        self.is_changed = true;
        self.recent.remove(id);
        self.waiting_changes.remove(id);
        Ok(())
    }

    fn insert_delivered(&mut self, id: u64, stored: &StoredBeacon) -> Result<(), Error> {
        self.is_changed = true;
        self.delivered_changes.insert(id, codec::encode(stored, None, RecordScope::WithoutHeaders));
        Ok(())
    }

    fn insert_dead(&mut self, id: u64, stored: &StoredBeacon, reason: DeadReason) -> Result<(), Error> {
        self.is_changed = true;
        self.dead.insert(id, &*codec::encode(stored, Some(reason), RecordScope::Full))?;
        Ok(())
    }

    fn remove_settled(&mut self, id: u64, state: DeliveryState) -> Result<(), Error> {
        self.is_changed = true;
        match state {
            DeliveryState::Delivered => self.delivered_changes.remove(id),
            _ => drop(self.dead.remove(id)?),
        }
        Ok(())
    }

    fn note_claim(&mut self, claim: u64, beacons: &[(u64, u32)]) -> Result<(), Error> {
        self.is_changed = true;
        self.claims.insert(claim, &*codec::encode_claim(beacons))?;
        Ok(())
    }

    fn drop_claim(&mut self, claim: u64) -> Result<(), Error> {
        self.is_changed = true;
        self.claims.remove(claim)?;
        Ok(())
    }

    fn trim(&mut self, quota: &Quota, now: Timestamp) -> Result<(), Error> {
        self.apply()?;
        let delivered = trim(&mut self.delivered, quota.max_settled, quota.keep_settled, now)?;
        let dead = trim(&mut self.dead, quota.max_dead, quota.keep_dead, now)?;
        self.is_changed |= delivered || dead;
        Ok(())
    }

    fn find(&mut self, state: DeliveryState, query: &LedgerQuery) -> Result<Vec<(u64, StoredBeacon)>, Error> {
        self.apply()?;
        let table = match state {
            DeliveryState::Waiting => &self.waiting,
            DeliveryState::Dead => &self.dead,
            DeliveryState::Delivered => &self.delivered,
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

/// The rows of the ledger that match the query.
pub(super) fn rows(database: &Arc<Database>, query: &LedgerQuery) -> Result<Vec<LedgerRow>, Error> {
    let read = database.begin_read()?;
    let in_flight = in_flight(&read)?;
    let limit = query.limit.unwrap_or(usize::MAX);
    let mut rows = Vec::new();
    for (table, state) in
        [(WAITING, DeliveryState::Waiting), (DELIVERED, DeliveryState::Delivered), (DEAD, DeliveryState::Dead)]
    {
        let state_of = |id: u64, attempts: u32| match state {
            DeliveryState::Waiting if in_flight.contains(&(id, attempts)) => DeliveryState::InFlight,
            other => other,
        };
        // Each table is sorted by number, so the first `limit` rows of each table include the first `limit` rows of all.
        rows.extend(matching(&read, table, query, state_of, limit)?);
    }
    rows.sort_unstable_by_key(|row| row.id);
    rows.truncate(limit);
    Ok(rows)
}

fn matching(
    read: &ReadTransaction,
    table: RowTable,
    query: &LedgerQuery,
    state_of: impl Fn(u64, u32) -> DeliveryState,
    limit: usize,
) -> Result<Vec<LedgerRow>, Error> {
    let mut rows = Vec::new();
    for row in read.open_table(table)?.iter()? {
        let (id, bytes) = row?;
        let Ok((stored, reason)) = codec::decode(bytes.value()) else { continue };
        let state = state_of(id.value(), stored.progress.attempts);
        if query.matches(id.value(), &stored.record, state) {
            rows.push(LedgerRow::new(id.value(), &stored.record, &stored.progress, state, reason));
        }
        if rows.len() >= limit {
            break;
        }
    }
    Ok(rows)
}

/// The beacons that are claimed, each with the number of attempts that it had before the claim.
fn in_flight(read: &ReadTransaction) -> Result<HashSet<(u64, u32)>, Error> {
    let mut beacons = HashSet::new();
    for claim in read.open_table(CLAIMS)?.iter()? {
        beacons.extend(codec::decode_claim(claim?.1.value()));
    }
    Ok(beacons)
}
