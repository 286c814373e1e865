//! The changes of one commit to a table of rows, applied together: each change of a single row copies a whole page, and a
//! commit changes many rows of the same pages.

use std::collections::BTreeMap;
use std::ops::Bound;

use redb::{Error, ReadableTable, Table};

/// A range of rows is searched for removed rows. In it, at most so many numbers follow each other that are not removed.
const MAX_GAP: u64 = 8;

/// New, replaced and removed rows, by their numbers.
#[derive(Debug, Default)]
pub(super) struct RowBatch {
    /// The bytes of the rows to write.
    written: BTreeMap<u64, Vec<u8>>,
    /// The numbers of the rows to remove.
    removed: Vec<u64>,
}

impl RowBatch {
    /// Writes a row, which may be new.
    pub(super) fn insert(&mut self, id: u64, bytes: Vec<u8>) {
        self.written.insert(id, bytes);
    }

    /// Removes a row.
    pub(super) fn remove(&mut self, id: u64) {
        self.written.remove(&id);
        self.removed.push(id);
    }

    /// Applies the changes to the table. The batch is empty then.
    pub(super) fn apply(&mut self, table: &mut Table<'_, u64, &'static [u8]>) -> Result<(), Error> {
        let mut removed = std::mem::take(&mut self.removed);
        removed.sort_unstable();
        for run in removed.chunk_by(|one, next| next - one <= MAX_GAP) {
            match run {
                [id] => drop(table.remove(id)?),
                [first, .., last] => table.retain_in(*first..=*last, |id, _| run.binary_search(&id).is_err())?,
                [] => {}
            }
        }
        let written = std::mem::take(&mut self.written);
        let new = replace(table, written)?;
        append(table, new)
    }
}

/// Writes the rows that are not behind the last row of the table, and returns the others.
fn replace(
    table: &mut Table<'_, u64, &'static [u8]>,
    mut written: BTreeMap<u64, Vec<u8>>,
) -> Result<BTreeMap<u64, Vec<u8>>, Error> {
    let Some(last) = table.last()?.map(|(id, _)| id.value()) else { return Ok(written) };
    let new = written.split_off(&(last + 1));
    for (id, bytes) in written {
        table.insert(id, &*bytes)?;
    }
    Ok(new)
}

/// Adds rows behind the last row of the table. A cursor fills whole pages.
fn append(table: &mut Table<'_, u64, &'static [u8]>, rows: BTreeMap<u64, Vec<u8>>) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut cursor = table.upper_bound_mut(Bound::<u64>::Unbounded)?;
    for (id, bytes) in rows {
        cursor.insert_before(id, &*bytes)?;
    }
    Ok(cursor.close()?)
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;
    use redb::{Database, ReadableDatabase, TableDefinition};

    use super::*;

    const ROWS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("rows");

    /// The rows of a table after the changes of each commit: a number to write, or one to remove below zero.
    fn after(commits: &[&[i64]]) -> Vec<u64> {
        let database = Database::builder().create_with_backend(InMemoryBackend::new()).expect("a database");
        for changes in commits {
            let txn = database.begin_write().expect("a transaction");
            let mut batch = RowBatch::default();
            for change in *changes {
                match u64::try_from(*change) {
                    Ok(id) => batch.insert(id, id.to_le_bytes().to_vec()),
                    Err(_) => batch.remove(change.unsigned_abs()),
                }
            }
            batch.apply(&mut txn.open_table(ROWS).expect("a table")).expect("applied");
            txn.commit().expect("a commit");
        }
        let read = database.begin_read().expect("a transaction");
        let table = read.open_table(ROWS).expect("a table");
        let rows = table.iter().expect("rows").map(|row| row.expect("a row"));
        rows.map(|(id, bytes)| {
            assert_eq!(bytes.value(), id.value().to_le_bytes());
            id.value()
        })
        .collect()
    }

    #[test]
    fn rows_are_added_replaced_and_removed() {
        for (commits, expected) in [
            (&[&[1, 2, 3][..]][..], &[1, 2, 3][..]),
            (&[&[1, 2, 3], &[2, 5, 4]], &[1, 2, 3, 4, 5]),
            (&[&[3, 9], &[1, 5, 10]], &[1, 3, 5, 9, 10]),
            (&[&[1, 2, 3, 4], &[-2, -4, -1]], &[3]),
            (&[&[1, 2, 30, 40, 41], &[-1, -40, -41, -99]], &[2, 30]),
            (&[&[1, 2], &[-2, -1, 3]], &[3]),
            (&[&[1, -1, 2]], &[2]),
            (&[&[1, 2], &[-2, 2]], &[1, 2]),
            (&[&[]], &[]),
        ] {
            assert_eq!(after(commits), expected, "{commits:?}");
        }
    }
}
