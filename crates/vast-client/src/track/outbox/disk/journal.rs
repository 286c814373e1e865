//! The journal: a commit writes its changes as one row to the [commit log](super::commit_log). It does not write the tables:
//! [`Tables::fold`](super::tables::Tables::fold) does this later, for many commits together.
//!
//! A row of the journal is a version, a checksum, the time of the commit, then the changes in order. The checksum finds damage that the
//! checksums of redb do not find, and salvage recognizes a row by it.

use redb::TableDefinition;

use super::super::ledger::DeadReason;
use super::super::record::{DeliveryProgress, StoredBeacon, Timestamp};
use super::codec::{self, FieldReader, FieldWriter, RecordScope};

/// The rows of the journal in the order of the commits, in a file of format 2. This version only reads them.
pub(super) const JOURNAL: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("journal");

/// The version of this encoding. It is the first byte of each row, and not a version of a record.
const VERSION: u8 = 0x80;
/// The number of bytes before the changes: version (1), checksum (4), time (8).
const HEAD: usize = 13;
/// The place of the first byte that the checksum covers.
const CHECKED: usize = 5;
/// The room of a new row, for the puts of some dozens of callers.
const ROW: usize = 16 << 10;

/// A change of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RowChange {
    /// A key is known now.
    Key(String),
    /// A beacon waits; it may have waited before.
    Waiting(u64, StoredBeacon),
    /// A beacon that waited was removed.
    Removed(u64),
    /// A beacon that waited is delivered, after these attempts.
    Delivered(u64, DeliveryProgress),
    /// There is a new dead letter.
    Dead(u64, StoredBeacon, DeadReason),
    /// A claim has these beacons, each with the number of its attempts.
    Claimed(u64, Vec<(u64, u32)>),
    /// All beacons of a claim were settled, or its lease has ended.
    ClaimOver(u64),
}

/// The numbers of the changes in the file. Never change a number, because existing files contain it.
mod kind {
    pub(super) const KEY: u8 = 1;
    pub(super) const WAITING: u8 = 2;
    pub(super) const REMOVED: u8 = 3;
    pub(super) const DELIVERED: u8 = 4;
    pub(super) const DEAD: u8 = 5;
    pub(super) const CLAIMED: u8 = 6;
    pub(super) const CLAIM_OVER: u8 = 7;
}

/// The changes of one commit as a row of the journal.
#[derive(Debug, Default)]
pub(super) struct JournalWriter(Vec<u8>);

impl JournalWriter {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn key(&mut self, key: &str) {
        self.add(kind::KEY, |out| out.bytes(key.as_bytes()));
    }

    pub(super) fn waiting(&mut self, id: u64, stored: &StoredBeacon) {
        self.record(kind::WAITING, id, stored, None);
    }

    pub(super) fn removed(&mut self, id: u64) {
        self.add(kind::REMOVED, |out| out.number(id));
    }

    pub(super) fn delivered(&mut self, id: u64, progress: &DeliveryProgress) {
        self.add(kind::DELIVERED, |out| {
            out.number(id);
            out.number(progress.due.millis());
            out.number(progress.attempts);
            out.number(progress.in_doubt);
            out.last(progress.last.as_ref());
        });
    }

    pub(super) fn dead(&mut self, id: u64, stored: &StoredBeacon, reason: DeadReason) {
        self.record(kind::DEAD, id, stored, Some(reason));
    }

    pub(super) fn claimed(&mut self, claim: u64, beacons: &[(u64, u32)]) {
        self.add(kind::CLAIMED, |out| {
            out.number(claim);
            out.bytes(&codec::encode_claim(beacons));
        });
    }

    pub(super) fn claim_over(&mut self, claim: u64) {
        self.add(kind::CLAIM_OVER, |out| out.number(claim));
    }

    fn record(&mut self, kind: u8, id: u64, stored: &StoredBeacon, reason: Option<DeadReason>) {
        self.add(kind, |out| {
            out.number(id);
            let start = out.0.len();
            out.number(0_u32);
            codec::encode_into(out.0, stored, reason, RecordScope::Full);
            let length = u32::try_from(out.0.len() - start - 4).unwrap_or(u32::MAX);
            out.0[start..start + 4].copy_from_slice(&length.to_le_bytes());
        });
    }

    fn add(&mut self, kind: u8, write: impl FnOnce(&mut FieldWriter<'_>)) {
        if self.0.is_empty() {
            self.0.reserve(ROW);
            self.0.extend_from_slice(&[0; HEAD]);
        }
        self.0.push(kind);
        write(&mut FieldWriter(&mut self.0));
    }

    /// The row of a commit at this time.
    pub(super) fn row(self, time: Timestamp) -> Vec<u8> {
        let Self(mut row) = self;
        row.resize(row.len().max(HEAD), 0);
        row[CHECKED..HEAD].copy_from_slice(&time.millis().to_le_bytes());
        let checksum = crc32fast::hash(&row[CHECKED..]);
        row[0] = VERSION;
        row[1..CHECKED].copy_from_slice(&checksum.to_le_bytes());
        row
    }
}

/// The time of the commit and the changes in a row of the journal; `None` if it is damaged.
pub(super) fn decode(row: &[u8]) -> Option<(Timestamp, Vec<RowChange>)> {
    let (head, rest) = row.split_at_checked(CHECKED)?;
    let checksum = u32::from_le_bytes(*head[1..].first_chunk()?);
    if head[0] != VERSION || crc32fast::hash(rest) != checksum {
        return None;
    }
    let mut fields = FieldReader(rest);
    let time = fields.timestamp()?;
    let mut changes = Vec::new();
    while !fields.0.is_empty() {
        changes.push(change(&mut fields)?);
    }
    Some((time, changes))
}

fn change(fields: &mut FieldReader<'_>) -> Option<RowChange> {
    Some(match fields.byte()? {
        kind::KEY => RowChange::Key(fields.text()?.to_owned()),
        kind::WAITING => RowChange::Waiting(fields.long()?, codec::decode(fields.bytes()?).ok()?.0),
        kind::REMOVED => RowChange::Removed(fields.long()?),
        kind::DELIVERED => {
            let id = fields.long()?;
            let (due, attempts, in_doubt) = (fields.timestamp()?, fields.int()?, fields.int()?);
            RowChange::Delivered(id, DeliveryProgress { due, attempts, in_doubt, last: fields.last()? })
        }
        kind::DEAD => {
            let (id, (stored, reason)) = (fields.long()?, codec::decode(fields.bytes()?).ok()?);
            RowChange::Dead(id, stored, reason?)
        }
        kind::CLAIMED => RowChange::Claimed(fields.long()?, codec::decode_claim(fields.bytes()?)),
        kind::CLAIM_OVER => RowChange::ClaimOver(fields.long()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::record::LastAttempt;
    use super::super::tests::records::{NOW, record};
    use super::*;
    use std::sync::Arc;

    fn stored(key: &str) -> StoredBeacon {
        StoredBeacon { record: Arc::new(record(key)), progress: DeliveryProgress::default() }
    }

    fn row(beacons: u64) -> (Vec<u8>, Vec<RowChange>) {
        let last = Some(LastAttempt { at: NOW, status: Some(204), message: "".into() });
        let progress = DeliveryProgress { due: NOW, attempts: 3, in_doubt: 1, last };
        let mut writer = JournalWriter::default();
        let mut expected = Vec::new();
        for id in 0..beacons {
            let stored = stored(&format!("a.{id}"));
            writer.key(&stored.record.key);
            writer.waiting(id, &stored);
            writer.claimed(id + 7, &[(id, 0), (u64::MAX, 9)]);
            writer.delivered(id, &progress);
            writer.claim_over(id + 7);
            writer.removed(id);
            writer.dead(id, &stored, DeadReason::Expired);
            expected.extend([
                RowChange::Key(stored.record.key.clone()),
                RowChange::Waiting(id, stored.clone()),
                RowChange::Claimed(id + 7, vec![(id, 0), (u64::MAX, 9)]),
                RowChange::Delivered(id, progress.clone()),
                RowChange::ClaimOver(id + 7),
                RowChange::Removed(id),
                RowChange::Dead(id, stored, DeadReason::Expired),
            ]);
        }
        (writer.row(NOW), expected)
    }

    #[test]
    fn changes_are_read_back() {
        let (row, expected) = row(100);
        assert_eq!(decode(&row), Some((NOW, expected)));
        assert_eq!(decode(&JournalWriter::default().row(NOW)), Some((NOW, Vec::new())));
    }

    #[test]
    fn no_byte_can_turn_unseen_and_no_cut_is_a_row() {
        let row = row(2).0;
        for place in 0..row.len() {
            let mut turned = row.clone();
            turned[place] ^= 1;
            assert_eq!(decode(&turned), None, "byte {place}");
        }
        assert!((0..row.len()).step_by(7).all(|length| decode(&row[..length]).is_none()));
    }
}
