//! Copies the readable rows of a damaged outbox into a new one.
//!
//! Each record has a checksum, so a row is copied as it was or not at all. If the tree of the file can be walked, the rows come
//! from it. Otherwise every page of the file is searched for rows, so that a damaged page costs its own rows only; a page of the
//! journal has changes of some dozens of beacons.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata};

use super::super::interface::OutboxError;
use super::super::ledger::DeadReason;
use super::super::queue::Storage;
use super::super::record::{DeliveryProgress, StoredBeacon};
use super::codec;
use super::commit;
use super::commit_log;
use super::file::{self, FileLock, OpenFailure, OpenedFile, OpenedLog};
use super::folded::LazyTransaction;
use super::journal::{self, RowChange};
use super::layout::{CLAIMS, DEAD, DELIVERED, Error, FORMAT, META, META_FORMAT, RowTable, WAITING};
use super::log_file;
use super::pending::RowMemory;
use super::tables;

/// The size of the smallest page, and the alignment of all pages.
const PAGE: usize = 4096;
/// The first byte of a page with rows.
const LEAF: u8 = 1;
/// The largest page that is searched. A row has at most [`Quota::max_record_bytes`](super::super::Quota::max_record_bytes).
const MAX_PAGE: usize = 4 << 20;

/// So many rows are written to the tables of the copy together. Until then they are in memory twice.
const FOLD_AFTER: usize = 1_000;

/// The numbers of rows that were copied from a damaged outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Salvaged {
    /// Beacons that wait.
    pub waiting: u64,
    /// Delivered beacons.
    pub delivered: u64,
    /// Dead letters.
    pub dead: u64,
    /// Rows that were found and cannot be read.
    pub unreadable: u64,
    /// Whether the tree of the file was damaged and all its pages were searched. If so, rows that were removed or
    /// replaced earlier may be in the copy in an older state.
    pub searched_pages: bool,
}

/// The state of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RowState {
    Waiting,
    Delivered,
    Dead,
}

#[derive(Debug, Clone)]
struct FoundRow {
    state: RowState,
    stored: StoredBeacon,
    reason: Option<DeadReason>,
}

#[derive(Default)]
struct Findings {
    rows: BTreeMap<u64, FoundRow>,
    claims: Vec<(u64, Vec<u8>)>,
    unreadable: u64,
}

/// Copies the rows of the damaged outbox `source` into a new outbox at `target`. `source` is not changed.
///
/// # Errors
/// [`OutboxError::InUse`] if a process uses one of them; [`OutboxError::NewerFormat`]; [`OutboxError::NotAnOutbox`] if `source` is
/// neither an outbox nor has a row of one; [`OutboxError::Open`] if `source` cannot be
/// read, or `target` exists; [`OutboxError::Unavailable`] if `target` cannot be written.
pub fn salvage(source: impl AsRef<Path>, target: impl AsRef<Path>) -> Result<Salvaged, OutboxError> {
    let (source, target) = (source.as_ref(), target.as_ref());
    if let Some(process) = FileLock::owner(source) {
        return Err(OutboxError::InUse { process });
    }
    let unopened =
        |path: &Path, error: io::Error| OutboxError::Open { path: path.to_owned(), reason: error.to_string() };
    file::regular(source).map_err(|failure| failure.error(source))?;
    let mut file = file::open_regular(source, false).map_err(|error| unopened(source, error))?;
    if target.symlink_metadata().is_ok() {
        return Err(unopened(target, io::Error::other("the file exists already")));
    }
    let (mut found, is_whole, failure) = match log_file::open_read_only(source) {
        Ok(opened) => {
            // The changes are in memory, because the file is opened for reading.
            let OpenedFile { database, log, .. } = opened;
            let unreadable = file::caught(|| replay(&database, log));
            let (mut found, is_whole) = walk(&database);
            file::close(database);
            found.unreadable += unreadable.as_ref().map_or(0, |unreadable| *unreadable.as_ref().unwrap_or(&0));
            (found, is_whole && matches!(unreadable, Some(Ok(0))), None)
        }
        Err(failure @ OpenFailure::Newer(_)) => return Err(failure.error(source)),
        Err(failure) => (Findings::default(), false, Some(failure)),
    };
    if !is_whole {
        let log = log_file::read(source).unwrap_or_default();
        search(&mut file, &log, &mut found.rows).map_err(|error| OutboxError::Unavailable(error.to_string()))?;
    }
    // The start of an outbox may be damaged, so a file is another program's only if it has no row.
    if let Some(failure @ OpenFailure::Foreign(_)) = failure.filter(|_| found.rows.is_empty()) {
        return Err(failure.error(source));
    }
    let _lock = FileLock::take(target)?;
    let OpenedFile { database, .. } = file::open(target).map_err(|failure| failure.error(target))?;
    store(&database, &found).map_err(|error| OutboxError::Unavailable(error.to_string()))?;
    let count = |state| found.rows.values().filter(|row| row.state == state).count() as u64;
    Ok(Salvaged {
        waiting: count(RowState::Waiting),
        delivered: count(RowState::Delivered),
        dead: count(RowState::Dead),
        unreadable: found.unreadable,
        searched_pages: !is_whole,
    })
}

/// Writes the changes of the journal to their tables. Returns how many rows of the journal cannot be read.
fn replay(database: &Database, log: OpenedLog) -> Result<u64, Error> {
    let txn = LazyTransaction::new(database);
    tables::try_open(txn.get()?)?;
    let (_, rows) = commit::read_log(txn.get()?, log, 0)?;
    let replayed = tables::change(&txn, &mut RowMemory::default(), |tables| tables.replay(&rows))?;
    txn.commit()?;
    Ok(replayed.unreadable)
}

/// The rows that the tree of the file leads to, and whether their number is the one that the file records.
fn walk(database: &Database) -> (Findings, bool) {
    let mut found = Findings::default();
    let mut is_whole = true;
    for (table, state) in [(WAITING, RowState::Waiting), (DELIVERED, RowState::Delivered), (DEAD, RowState::Dead)] {
        // A damaged page can make the reader panic.
        let walked = file::caught(|| -> Result<bool, Error> {
            let table = database.begin_read()?.open_table(table)?;
            let mut rows = 0;
            for row in table.iter()? {
                let (id, bytes) = row?;
                rows += 1;
                match codec::decode(bytes.value()) {
                    Ok((stored, reason)) => drop(found.rows.insert(id.value(), FoundRow { state, stored, reason })),
                    Err(_) => found.unreadable += 1,
                }
            }
            Ok(rows == table.len()?)
        });
        is_whole &= matches!(walked, Some(Ok(true)));
    }
    let claims = file::caught(|| -> Result<(), Error> {
        for claim in database.begin_read()?.open_table(CLAIMS)?.iter()? {
            let (number, beacons) = claim?;
            found.claims.push((number.value(), beacons.value().to_vec()));
        }
        Ok(())
    });
    is_whole &= matches!(claims, Some(Ok(())));
    (found, is_whole)
}

/// Searches every page of the file, and `log`, its commit log, for rows. A row that the tree led to is newer than any copy of it in another
/// page.
fn search(file: &mut File, log: &[u8], rows: &mut BTreeMap<u64, FoundRow>) -> io::Result<()> {
    let length = file.metadata()?.len();
    let mut found: BTreeMap<u64, FoundRow> = BTreeMap::new();
    let mut delivered = Vec::new();
    for start in leaf_pages(file, length)? {
        for (id, bytes) in leaf_rows(&page_at(file, start, length)?) {
            if let Ok((stored, reason)) = codec::decode(bytes) {
                note(&mut found, id, FoundRow { state: state_of(&stored, reason), stored, reason });
            }
            note_changes(&mut found, &mut delivered, bytes);
        }
    }
    commit_log::all_rows(log).for_each(|row| note_changes(&mut found, &mut delivered, row));
    // Only now: the beacon of a delivery may be in a later page.
    for (id, progress) in delivered {
        if let Some(FoundRow { stored, .. }) = found.get(&id) {
            let stored = StoredBeacon { record: Arc::clone(&stored.record), progress };
            note(&mut found, id, FoundRow { state: RowState::Delivered, stored, reason: None });
        }
    }
    for (id, row) in found {
        rows.entry(id).or_insert(row);
    }
    Ok(())
}

/// Notes the beacons in `row`, if it is a row of the journal.
fn note_changes(found: &mut BTreeMap<u64, FoundRow>, delivered: &mut Vec<(u64, DeliveryProgress)>, row: &[u8]) {
    for change in journal::decode(row).map_or_else(Vec::new, |(_, changes)| changes) {
        match change {
            RowChange::Waiting(id, stored) => {
                note(found, id, FoundRow { state: RowState::Waiting, stored, reason: None });
            }
            RowChange::Dead(id, stored, reason) => {
                note(found, id, FoundRow { state: RowState::Dead, stored, reason: Some(reason) });
            }
            RowChange::Delivered(id, progress) => delivered.push((id, progress)),
            RowChange::Key(_) | RowChange::Removed(_) | RowChange::Claimed(..) | RowChange::ClaimOver(_) => {}
        }
    }
}

/// Keeps the newest version of a row.
fn note(found: &mut BTreeMap<u64, FoundRow>, id: u64, row: FoundRow) {
    match found.get(&id) {
        Some(known) if age(known) >= age(&row) => {}
        _ => drop(found.insert(id, row)),
    }
}

/// The places of the pages that may have rows. The file is read in large pieces: it may be large, and most of its pages may be
/// empty.
fn leaf_pages(file: &mut File, length: u64) -> io::Result<Vec<u64>> {
    let mut places = Vec::new();
    let mut piece = Vec::with_capacity(MAX_PAGE);
    let mut start = 0;
    while start < length {
        piece.clear();
        file.seek(SeekFrom::Start(start))?;
        file.take(MAX_PAGE as u64).read_to_end(&mut piece)?;
        let pages = (start..).step_by(PAGE).zip(piece.chunks(PAGE));
        places.extend(pages.filter(|(_, page)| page.first() == Some(&LEAF)).map(|(place, _)| place));
        start += MAX_PAGE as u64;
    }
    Ok(places)
}

/// The page at this place. Its length is taken from its rows; a page without rows has one block.
fn page_at(file: &mut File, start: u64, length: u64) -> io::Result<Vec<u8>> {
    let read = |file: &mut File, bytes: usize| -> io::Result<Vec<u8>> {
        file.seek(SeekFrom::Start(start))?;
        let mut page = Vec::new();
        file.take(bytes as u64).read_to_end(&mut page)?;
        Ok(page)
    };
    let block = read(file, PAGE)?;
    let end = leaf_ends(&block).map_or(PAGE, |ends| ends.last().copied().unwrap_or(PAGE));
    if end > PAGE && end <= MAX_PAGE && start + end as u64 <= length { read(file, end) } else { Ok(block) }
}

/// The offsets at which the values of a page with rows end. redb stores: the type, a byte, the number of rows (2
/// bytes), the end of each value (4 bytes), the keys (8 bytes), the values.
fn leaf_ends(page: &[u8]) -> Option<Vec<usize>> {
    let [LEAF, _, low, high, rest @ ..] = page else { return None };
    let rows = usize::from(u16::from_le_bytes([*low, *high]));
    let ends = rest.get(..rows * 4)?.as_chunks::<4>().0;
    Some(ends.iter().map(|end| u32::from_le_bytes(*end) as usize).collect())
}

/// The rows of a page: numbers and bytes.
fn leaf_rows(page: &[u8]) -> Vec<(u64, &[u8])> {
    let Some(ends) = leaf_ends(page) else { return Vec::new() };
    let keys = 4 + ends.len() * 4;
    let mut start = keys + ends.len() * 8;
    let mut rows = Vec::new();
    for (number, end) in ends.into_iter().enumerate() {
        let key = page.get(keys + number * 8..).and_then(|key| key.first_chunk());
        if let (Some(key), Some(value)) = (key, page.get(start..end)) {
            rows.push((u64::from_le_bytes(*key), value));
        }
        start = end;
    }
    rows
}

/// The state that a row itself shows.
fn state_of(stored: &StoredBeacon, reason: Option<DeadReason>) -> RowState {
    let is_accepted =
        stored.progress.last.as_ref().and_then(|last| last.status).is_some_and(|status| status / 100 == 2);
    match reason {
        Some(_) => RowState::Dead,
        None if is_accepted => RowState::Delivered,
        None => RowState::Waiting,
    }
}

/// Orders the versions of one row: a later version has more attempts, or a later age limit after a requeue.
fn age(row: &FoundRow) -> (u64, u32, RowState) {
    (row.stored.record.expires.millis(), row.stored.progress.attempts, row.state)
}

/// How many rows of the file cannot be read, including rows that damaged pages hide. Reads every row.
pub(super) fn count_unreadable(database: &Database) -> u64 {
    let count = |table: RowTable| {
        // A damaged page can make the reader panic.
        let counted = file::caught(|| -> Result<u64, Error> {
            let table = database.begin_read()?.open_table(table)?;
            let mut readable = 0;
            for row in table.iter()? {
                readable += u64::from(codec::decode(row?.1.value()).is_ok());
            }
            Ok(table.len()?.saturating_sub(readable))
        });
        counted.and_then(Result::ok).unwrap_or(1)
    };
    [WAITING, DELIVERED, DEAD].into_iter().map(count).sum()
}

fn store(database: &Database, found: &Findings) -> Result<(), Error> {
    let txn = LazyTransaction::new(database);
    txn.get()?.open_table(META)?.insert(META_FORMAT, FORMAT)?;
    tables::change(&txn, &mut RowMemory::default(), |tables| {
        for (number, (id, FoundRow { state, stored, reason })) in found.rows.iter().enumerate() {
            if number % FOLD_AFTER == 0 {
                tables.fold()?;
            }
            tables.remember(&stored.record.key)?;
            match (state, reason) {
                (RowState::Waiting, _) => tables.insert_waiting(*id, stored)?,
                (RowState::Delivered, _) => tables.deliver(*id, stored.clone())?,
                (RowState::Dead, reason) => tables.insert_dead(*id, stored, reason.unwrap_or(DeadReason::InDoubt))?,
            }
        }
        for (number, beacons) in &found.claims {
            tables.note_claim(*number, &codec::decode_claim(beacons))?;
        }
        tables.fold()
    })?;
    txn.commit()
}
