//! What a commit needs of the database: the tables as the last fold has left them, and a write transaction.
//!
//! Most commits write the commit log only. They look up a few rows, and to begin a write transaction and open its tables would take
//! longer than that.

use std::cell::OnceCell;

use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTableMetadata, WriteTransaction};

use super::super::record::StoredBeacon;
use super::codec;
use super::layout::{Error, KeysTable, META, WAITING, key_tables};

/// The tables of the last fold. While they are open, the database keeps their pages, so they are closed before it is changed.
pub(super) struct FoldedTables {
    waiting: ReadOnlyTable<u64, &'static [u8]>,
    keys: [ReadOnlyTable<&'static str, ()>; 2],
}

impl FoldedTables {
    fn open(database: &Database) -> Result<Self, Error> {
        let txn = database.begin_read()?;
        let open = |table: KeysTable| txn.open_table(table);
        let [young, old] = key_tables(&txn.open_table(META)?)?;
        Ok(Self { waiting: txn.open_table(WAITING)?, keys: [open(young)?, open(old)?] })
    }

    pub(super) fn has_key(&self, key: &str) -> Result<bool, Error> {
        for keys in &self.keys {
            if !keys.is_empty()? && keys.get(key)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn waiting(&self, id: u64) -> Result<Option<StoredBeacon>, Error> {
        Ok(self.waiting.get(id)?.and_then(|row| codec::stored(row.value())))
    }
}

/// The write transaction of a commit, which is begun when it is needed.
pub(super) struct LazyTransaction<'a> {
    database: &'a Database,
    begun: OnceCell<WriteTransaction>,
}

impl<'a> LazyTransaction<'a> {
    pub(super) fn new(database: &'a Database) -> Self {
        Self { database, begun: OnceCell::new() }
    }

    /// The transaction, which is begun if it is not yet.
    pub(super) fn get(&self) -> Result<&WriteTransaction, Error> {
        if let Some(txn) = self.begun.get() {
            return Ok(txn);
        }
        let txn = self.database.begin_write()?;
        Ok(self.begun.get_or_init(|| txn))
    }

    /// The tables of the last fold, which `open` has or gets; `None` if the transaction has begun, because it may have changed them.
    pub(super) fn folded<'t>(&self, open: &'t mut Option<FoldedTables>) -> Result<Option<&'t FoldedTables>, Error> {
        if self.begun.get().is_some() {
            return Ok(None);
        }
        if open.is_none() {
            *open = Some(FoldedTables::open(self.database)?);
        }
        Ok(open.as_ref())
    }

    /// Makes the changes durable, if the transaction has begun.
    pub(super) fn commit(self) -> Result<(), Error> {
        Ok(self.begun.into_inner().map_or(Ok(()), WriteTransaction::commit)?)
    }

    /// Drops the changes, if the transaction has begun.
    pub(super) fn abort(self) -> Result<(), Error> {
        Ok(self.begun.into_inner().map_or(Ok(()), WriteTransaction::abort)?)
    }
}
