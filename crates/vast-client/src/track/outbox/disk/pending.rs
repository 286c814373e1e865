//! The rows that are in memory: the changes that only the journal has, and the youngest beacons.

use std::collections::{BTreeMap, HashSet};

use super::super::ledger::DeadReason;
use super::super::record::StoredBeacon;
use super::folded::FoldedTables;

/// The most bytes of the records in [`RecentRows`].
const RECENT_BYTES: usize = 4 << 20;

/// The rows of an open file that are in memory. After a failed commit they do not agree with the file and are not used any more.
#[derive(Default)]
pub(super) struct RowMemory {
    pub(super) recent: RecentRows,
    pub(super) pending: PendingRows,
    /// The tables as the last fold has left them, without `pending`. They are open after the first commit that looked into them, until the next fold.
    pub(super) folded: Option<FoldedTables>,
}

/// The youngest rows of the table of those that wait or are in flight, decoded: most beacons are claimed soon after they were put, and
/// reading a record from its row takes longer than all other work of a claim. Not all rows are here. A row that is also in
/// [`PendingRows::waiting`] is older here.
#[derive(Default)]
pub(super) struct RecentRows {
    rows: BTreeMap<u64, StoredBeacon>,
    /// The sum of the sizes of their records.
    bytes: usize,
}

impl RecentRows {
    pub(super) fn get(&self, id: u64) -> Option<&StoredBeacon> {
        self.rows.get(&id)
    }

    pub(super) fn insert(&mut self, id: u64, stored: StoredBeacon) {
        self.bytes += stored.record.size();
        if let Some(replaced) = self.rows.insert(id, stored) {
            self.bytes -= replaced.record.size();
        }
        while self.bytes > RECENT_BYTES
            && let Some((_, oldest)) = self.rows.pop_first()
        {
            self.bytes -= oldest.record.size();
        }
    }

    pub(super) fn remove(&mut self, id: u64) {
        if let Some(removed) = self.rows.remove(&id) {
            self.bytes -= removed.record.size();
        }
    }
}

/// The changes that the journal has and the other tables do not have yet. A beacon that is put, claimed and delivered between two
/// folds is never written to the table of those that wait.
#[derive(Default)]
pub(super) struct PendingRows {
    /// Beacons that wait; `None` for those of the table that wait no longer.
    pub(super) waiting: BTreeMap<u64, Option<StoredBeacon>>,
    pub(super) delivered: BTreeMap<u64, StoredBeacon>,
    pub(super) dead: BTreeMap<u64, (StoredBeacon, DeadReason)>,
    /// The beacons of each claim with their attempts; `None` for claims of the table that are over.
    pub(super) claims: BTreeMap<u64, Option<Vec<(u64, u32)>>>,
    pub(super) keys: HashSet<String>,
    /// Beacons and claims from these numbers on are in no table. `None`: not known.
    new_from: Option<(u64, u64)>,
    newest: (u64, u64),
}

impl PendingRows {
    /// Sets the highest number of a beacon, and of a claim, that the tables have.
    pub(super) fn begin(&mut self, last_id: u64, last_claim: u64) {
        self.newest = (last_id, last_claim);
        self.new_from = Some((last_id + 1, last_claim + 1));
    }

    pub(super) fn is_empty(&self) -> bool {
        let Self { waiting, delivered, dead, claims, keys, .. } = self;
        waiting.is_empty() && delivered.is_empty() && dead.is_empty() && claims.is_empty() && keys.is_empty()
    }

    /// The changes, which are written to the tables now.
    pub(super) fn take(&mut self) -> Self {
        let newest = self.newest;
        let new_from = self.new_from.map(|_| (newest.0 + 1, newest.1 + 1));
        std::mem::replace(self, Self { newest, new_from, ..Self::default() })
    }

    pub(super) fn insert_waiting(&mut self, id: u64, stored: StoredBeacon) {
        self.newest.0 = self.newest.0.max(id);
        self.waiting.insert(id, Some(stored));
    }

    pub(super) fn remove_waiting(&mut self, id: u64) {
        if self.new_from.is_some_and(|(new, _)| id >= new) {
            self.waiting.remove(&id);
        } else {
            self.waiting.insert(id, None);
        }
    }

    pub(super) fn insert_dead(&mut self, id: u64, stored: StoredBeacon, reason: DeadReason) {
        // A beacon that is too large is dead at once and never waited, so its number may be the highest.
        self.newest.0 = self.newest.0.max(id);
        self.dead.insert(id, (stored, reason));
    }

    pub(super) fn note_claim(&mut self, claim: u64, beacons: Vec<(u64, u32)>) {
        self.newest.1 = self.newest.1.max(claim);
        self.claims.insert(claim, Some(beacons));
    }

    pub(super) fn drop_claim(&mut self, claim: u64) {
        if self.new_from.is_some_and(|(_, new)| claim >= new) {
            self.claims.remove(&claim);
        } else {
            self.claims.insert(claim, None);
        }
    }
}
