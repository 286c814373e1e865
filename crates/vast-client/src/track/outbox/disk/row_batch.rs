//! Writes many rows and keys to their tables together: each change of a single row copies a whole page, and the changes of many
//! commits have rows of the same pages.

use std::collections::BTreeMap;
use std::ops::Bound;

use redb::{CursorError, Error, ReadableTable, Table};

/// A range of rows is searched for removed rows. In it, at most so many numbers follow each other that are not removed.
const MAX_GAP: u64 = 8;

/// Writes rows to a table. `encode` adds the bytes of a row, or returns `false` for a row that is not written.
pub(super) fn write_rows<R>(
    table: &mut Table<'_, u64, &'static [u8]>,
    rows: &BTreeMap<u64, R>,
    encode: impl Fn(&R, &mut Vec<u8>) -> bool,
) -> Result<(), Error> {
    let mut bytes = Vec::new();
    let encoded = |row: &R, bytes: &mut Vec<u8>| {
        bytes.clear();
        encode(row, bytes)
    };
    let first_new = table.last()?.map_or(0, |(id, _)| id.value().saturating_add(1));
    for (id, row) in rows.range(..first_new) {
        if encoded(row, &mut bytes) {
            table.insert(id, &*bytes)?;
        }
    }
    // Behind the last row of the table a cursor fills whole pages.
    let mut cursor = table.upper_bound_mut(Bound::<u64>::Unbounded)?;
    for (id, row) in rows.range(first_new..) {
        if encoded(row, &mut bytes) {
            cursor.insert_before(id, &*bytes)?;
        }
    }
    Ok(cursor.close()?)
}

/// Removes rows. Their numbers are sorted; those that the table does not have are ignored.
pub(super) fn remove_rows(table: &mut Table<'_, u64, &'static [u8]>, removed: &[u64]) -> Result<(), Error> {
    for run in removed.chunk_by(|one, next| next - one <= MAX_GAP) {
        match run {
            [id] => drop(table.remove(id)?),
            [first, .., last] => table.retain_in(*first..=*last, |id, _| run.binary_search(&id).is_err())?,
            [] => {}
        }
    }
    Ok(())
}

/// Adds keys to a table. Those that it has already stay. The keys are sorted: all that have the same neighbours in the table are written
/// with one change of a page.
pub(super) fn write_keys(table: &mut Table<'_, &'static str, ()>, keys: &[&str]) -> Result<(), Error> {
    let mut left = keys;
    while let Some((first, rest)) = left.split_first() {
        left = rest;
        let mut cursor = table.lower_bound_mut(Bound::Included(*first))?;
        if cursor.peek_next()?.is_some_and(|(key, _)| key.value() == *first) {
            cursor.close()?;
            continue;
        }
        cursor.insert_before(*first, ())?;
        while let Some((key, rest)) = left.split_first() {
            match cursor.insert_before(*key, ()) {
                Ok(()) => left = rest,
                Err(CursorError::UnorderedKey) => break,
                Err(error) => return Err(error.into()),
            }
        }
        cursor.close()?;
    }
    Ok(())
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
            let rows: BTreeMap<u64, bool> =
                changes.iter().map(|change| (change.unsigned_abs(), change.is_positive())).collect();
            let removed: Vec<u64> = rows.iter().filter(|(_, is_there)| !**is_there).map(|(id, _)| *id).collect();
            let ids: BTreeMap<u64, Option<u64>> =
                rows.iter().map(|(id, is_there)| (*id, is_there.then_some(*id))).collect();
            let mut table = txn.open_table(ROWS).expect("a table");
            remove_rows(&mut table, &removed).expect("they are removed");
            let encode = |row: &Option<u64>, bytes: &mut Vec<u8>| {
                bytes.extend(row.iter().flat_map(|id| id.to_le_bytes()));
                row.is_some()
            };
            write_rows(&mut table, &ids, encode).expect("they are written");
            drop(table);
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

    #[test]
    fn new_keys_are_added_between_those_that_are_there() {
        const KEYS: TableDefinition<'_, &str, ()> = TableDefinition::new("keys");
        let database = Database::builder().create_with_backend(InMemoryBackend::new()).expect("a database");
        let mut expected = std::collections::BTreeSet::new();
        for (number, step) in [(0_u64, 7), (900, 1), (0, 3), (0, 3), (2_000, 11)].into_iter().cycle().take(9) {
            let added: std::collections::BTreeSet<_> =
                (number..number + 500 * step).step_by(step as usize).map(|number| format!("key {number}")).collect();
            let keys: Vec<&str> = added.iter().map(String::as_str).collect();
            let txn = database.begin_write().expect("a transaction");
            write_keys(&mut txn.open_table(KEYS).expect("a table"), &keys).expect("they are written");
            txn.commit().expect("a commit");
            expected.extend(added);
            let read = database.begin_read().expect("a transaction");
            let table = read.open_table(KEYS).expect("a table");
            let keys = table.iter().expect("keys");
            assert!(keys.map(|key| key.expect("a key").0.value().to_owned()).eq(expected.iter().cloned()));
        }
    }
}
