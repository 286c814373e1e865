//! What the database has: its format, its tables, and the numbers about the file.

use redb::{ReadableTable, TableDefinition};

use super::journal::JOURNAL;

/// The format of a file that was closed. All versions read it.
pub(super) const FORMAT: u64 = 1;
/// The format of a file with a commit log. A file of a newer format is refused. Format 2 had the journal in a table.
pub(super) const LOG_FORMAT: u64 = 3;

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
pub(super) const ROW_TABLES: [RowTable; 5] = [WAITING, DELIVERED, DEAD, CLAIMS, JOURNAL];
/// A table of idempotency keys.
pub(super) type KeysTable = TableDefinition<'static, &'static str, ()>;
/// The idempotency keys in two halves. The tables swap their roles when the older half is forgotten.
pub(super) const KEYS: [KeysTable; 2] = [TableDefinition::new("keys-0"), TableDefinition::new("keys-1")];
/// Numbers about the file.
pub(super) const META: TableDefinition<'static, &'static str, u64> = TableDefinition::new("meta");
/// In [`META`]: the format of the file.
pub(super) const META_FORMAT: &str = "format";
/// In [`META`]: the index in `KEYS` of the table with the younger keys.
pub(super) const META_YOUNG: &str = "young-keys";
/// In [`META`]: the time since which this table receives the younger keys.
pub(super) const META_SINCE: &str = "young-keys-since";

/// In [`META`]: the id of the file, which its commit log has too.
pub(super) const META_ID: &str = "id";
/// In [`META`]: the number of the first frame of the commit log that the tables do not contain.
pub(super) const META_FRAME: &str = "log-frame";

/// In [`META`]: the time of the last commit. If it is later than the clock, the clock was set back.
pub(super) const META_LAST: &str = "last-commit";

/// Every error of redb.
pub(super) type Error = redb::Error;

/// The tables of the younger and the older keys.
pub(super) fn key_tables(meta: &impl ReadableTable<&'static str, u64>) -> Result<[KeysTable; 2], Error> {
    let young = young(meta)?;
    Ok([KEYS[young], KEYS[1 - young]])
}

/// The index of the table with the younger keys.
pub(super) fn young(meta: &impl ReadableTable<&'static str, u64>) -> Result<usize, Error> {
    Ok(meta.get(META_YOUNG)?.map_or(0, |young| usize::from(young.value() == 1)))
}
