//! The commit log: what a killed process leaves is read by the next one, by inspection and by salvage.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use redb::{Database, ReadableDatabase};

use super::files::{bytes, folder, open};
use super::records::{NOW, claim, record, rows};
use crate::track::outbox::disk::commit_log::{LOG_BYTES, all_rows};
use crate::track::outbox::disk::journal::{JOURNAL, JournalWriter};
use crate::track::outbox::disk::layout::{META, META_FORMAT};
use crate::track::outbox::disk::log_file;
use crate::track::outbox::{
    Claim, DeadReason, DeliveryProgress, DeliveryState, DiskOutbox, Disposition, LastAttempt, LedgerQuery, Outbox,
    OutboxAdmin, PutOutcome, Record, Settlement, StoredBeacon, Timestamp, salvage,
};

/// The key, state, attempts and attempts in doubt of each beacon of [`used`], when the process has ended.
const LEFT: [(&str, DeliveryState, u32, u32); 5] = [
    ("a.1", DeliveryState::Delivered, 1, 0),
    ("a.2", DeliveryState::Waiting, 1, 0),
    ("a.3", DeliveryState::Dead, 1, 0),
    ("a.4", DeliveryState::Waiting, 1, 1),
    ("a.5", DeliveryState::Waiting, 0, 0),
];

/// Puts, claims and settles beacons: one of each state.
async fn used(outbox: &DiskOutbox) {
    for (key, ..) in LEFT {
        outbox.put(vec![record(key)], NOW).await.expect("there is room");
    }
    let got = outbox.claim(claim(4)).await.expect("a claim").beacons;
    let ends = [
        Disposition::Delivered,
        Disposition::RetryAt { at: NOW, in_doubt: false },
        Disposition::Dead(DeadReason::Refused),
    ];
    for (claimed, disposition) in got.iter().zip(ends) {
        let status = if disposition == Disposition::Delivered { 204 } else { 503 };
        let last = LastAttempt { at: NOW, status: Some(status), message: "".into() };
        let settlement = Settlement { id: claimed.id, attempts: 0, disposition, last };
        assert_eq!(outbox.settle(vec![settlement], NOW).await, Ok(1));
    }
}

/// The files as a kill of the process leaves them.
fn killed(path: &Path) -> std::path::PathBuf {
    let copy = path.with_extension("killed");
    fs::write(&copy, bytes(path)).expect("a file");
    fs::write(log_file::beside(&copy), bytes(&log_file::beside(path))).expect("a file");
    copy
}

/// The format of the file, and the bytes of the rows of its commit log.
fn format_and_log(path: &Path) -> (u64, usize) {
    let copy = path.with_extension("looked-at");
    fs::write(&copy, bytes(path)).expect("a file");
    let database = Database::open(&copy).expect("a database");
    let read = database.begin_read().expect("a transaction");
    assert!(read.open_table(JOURNAL).is_err(), "the table of format 2 is removed");
    let format = read.open_table(META).expect("a table").get(META_FORMAT).expect("it reads").expect("a format").value();
    (format, all_rows(&log_file::read(path).expect("it reads")).map(<[u8]>::len).sum())
}

async fn states(outbox: &DiskOutbox) -> Vec<(&'static str, DeliveryState, u32, u32)> {
    let name = |key: &str| LEFT.iter().find(|(name, ..)| *name == key).map_or("unknown", |(name, ..)| name);
    rows(outbox).await.iter().map(|row| (name(&row.key), row.state, row.attempts, row.in_doubt)).collect()
}

#[tokio::test]
async fn the_journal_of_a_killed_process_is_read() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    used(&outbox).await;
    let stats = outbox.stats().await;
    assert_eq!((stats.waiting, stats.in_flight, stats.delivered, stats.dead, stats.keys), (2, 1, 1, 1, 5));
    let copy = killed(&path);
    let (format, log) = format_and_log(&copy);
    assert!(format == 3 && log > 1_000, "{format} {log}");
    let next = open(&copy);
    assert_eq!(states(&next).await, LEFT);
    let again = next.put(["a.1", "a.3", "a.5", "a.6"].map(record).into(), NOW).await.expect("there is room");
    assert_eq!(again, [[PutOutcome::Duplicate; 3].as_slice(), &[PutOutcome::Queued]].concat(), "the keys too");
    let numbers: Vec<_> = rows(&next).await.iter().map(|row| row.id).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6], "no number is used twice");
}

/// An earlier version reads a file that was closed, and refuses one with a commit log.
#[tokio::test]
async fn a_closed_file_has_no_log_and_the_first_format() {
    let (_folder, path) = folder();
    used(&open(&path)).await;
    assert_eq!((format_and_log(&path), log_file::beside(&path).exists()), ((1, 0), false));
    drop(open(&path));
    assert_eq!((format_and_log(&path), log_file::beside(&path).exists()), ((1, 0), false));
}

/// A version that was not released had the journal in a table of the file.
#[tokio::test]
async fn the_journal_of_format_2_is_read() {
    let (_folder, path) = folder();
    used(&open(&path)).await;
    let stored = StoredBeacon { record: Arc::new(record("b.1")), progress: DeliveryProgress::default() };
    let mut journal = JournalWriter::default();
    journal.key("b.1");
    journal.waiting(6, &stored);
    let database = Database::open(&path).expect("a database");
    let txn = database.begin_write().expect("a transaction");
    txn.open_table(JOURNAL).expect("a table").insert(0, &*journal.row(NOW)).expect("it writes");
    txn.open_table(META).expect("a table").insert(META_FORMAT, 2).expect("it writes");
    txn.commit().expect("a commit");
    drop(database);
    let outbox = open(&path);
    assert_eq!(outbox.put(vec![record("b.1")], NOW).await, Ok(vec![PutOutcome::Duplicate]));
    assert_eq!(rows(&outbox).await.len(), LEFT.len() + 1);
    drop(outbox);
    assert_eq!(format_and_log(&path), (1, 0));
}

/// Frames that the tables contain, and those of another file, change nothing.
#[tokio::test]
async fn a_log_that_does_not_continue_the_file_is_not_read() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    used(&outbox).await;
    let older = bytes(&log_file::beside(&path));
    outbox.close();
    fs::write(log_file::beside(&path), &older).expect("a file");
    assert_eq!(states(&open(&path)).await, LEFT, "the tables contain its frames");
    let (_other_folder, other) = folder();
    drop(open(&other));
    fs::write(log_file::beside(&other), &older).expect("a file");
    assert_eq!(rows(&open(&other)).await.len(), 0, "it is the log of another file");
}

#[tokio::test]
async fn inspection_reads_the_journal_and_leaves_it() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    used(&outbox).await;
    let copy = killed(&path);
    let before = [bytes(&copy), bytes(&log_file::beside(&copy))];
    let admin = OutboxAdmin::open(&copy).expect("it can be inspected");
    assert_eq!(admin.rows(LedgerQuery::default()).await.expect("rows").len(), LEFT.len());
    let stats = admin.stats().await.expect("nobody uses it");
    assert_eq!((stats.waiting, stats.delivered, stats.dead, stats.unreadable), (3, 1, 1, 0));
    drop(admin);
    assert!([bytes(&copy), bytes(&log_file::beside(&copy))] == before);
}

#[tokio::test]
async fn salvage_reads_the_journal_from_the_tree_or_from_its_pages() {
    for is_damaged in [false, true] {
        let (folder, path) = folder();
        let outbox = open(&path);
        used(&outbox).await;
        let copy = killed(&path);
        if is_damaged {
            let mut bad = bytes(&copy);
            bad[..4096].fill(0);
            fs::write(&copy, bad).expect("a file");
        }
        let target = folder.path().join("new");
        let salvaged = salvage(&copy, &target).expect("it is salvaged");
        let counts = (salvaged.waiting, salvaged.delivered, salvaged.dead, salvaged.searched_pages);
        assert_eq!(counts, (3, 1, 1, is_damaged));
        let shown = states(&open(&target)).await;
        // Claims are not searched in the pages.
        let expected = LEFT.map(|(key, state, attempts, in_doubt)| match key {
            "a.4" if is_damaged => (key, state, 0, 0),
            _ => (key, state, attempts, in_doubt),
        });
        assert_eq!(shown, expected);
    }
}

#[tokio::test]
async fn the_log_is_bounded_and_what_was_in_it_stays() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    let mut longest = 0;
    for batch in 0..60 {
        let keys = (0..100).map(|number| record(&format!("{batch}.{number}")));
        outbox.put(keys.collect(), NOW).await.expect("there is room");
        if batch % 10 == 0 {
            longest = longest.max(format_and_log(&path).1);
        }
    }
    assert!(longest > 100_000 && longest <= LOG_BYTES, "{longest}");
    assert_eq!(rows(&open(&killed(&path))).await.len(), 6_000);
}

/// The clock was ten years ahead and was set back while a beacon was in flight: the beacon does not live longer than before.
#[tokio::test]
async fn the_times_of_the_journal_are_moved_when_the_clock_was_set_back() {
    let (_folder, path) = folder();
    let hour = Duration::from_secs(3600);
    let now = Timestamp::from(crate::env::Env::system().wall());
    let ahead = now.after(hour * 24 * 3_650);
    let outbox = open(&path);
    let record = Record { created: ahead, expires: ahead.after(hour), ..record("a.1") };
    outbox.put(vec![record], ahead).await.expect("there is room");
    let got = outbox.claim(Claim { now: ahead, ..claim(1) }).await.expect("a claim").beacons;
    assert_eq!(got.len(), 1);
    let row = rows(&open(&killed(&path))).await.remove(0);
    assert_eq!((row.attempts, row.in_doubt), (1, 1), "{row:?}");
    assert!(row.expires_ms > now && row.expires_ms.since(now) <= hour * 2, "{row:?}");
}
