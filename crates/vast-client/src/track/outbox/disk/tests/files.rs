//! Files: who may read them, who owns them, what becomes of damaged ones.

use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use redb::Database;

use super::records::{NOW, claim, record, rows};
use crate::track::outbox::disk::tables::{META, META_FORMAT, WAITING};
use crate::track::outbox::{
    Claim, DeliveryState, DiskOutbox, Disposition, LastAttempt, LedgerQuery, Outbox, OutboxAdmin, OutboxError,
    PutOutcome, Quota, Settlement, Timestamp,
};

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("beacons");
    (folder, path)
}

fn open(path: &Path) -> DiskOutbox {
    DiskOutbox::open(path).expect("it opens")
}

async fn filled(path: &Path, number: usize) {
    let outbox = open(path);
    let batch = (0..number).map(|number| record(&format!("a.{number}"))).collect();
    outbox.put(batch, NOW).await.expect("there is room");
}

#[tokio::test]
async fn fulfils_the_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let number = std::sync::atomic::AtomicU32::new(0);
    let make = |quota: Quota| {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        DiskOutbox::with_quota(folder.path().join(number.to_string()), quota).expect("it opens")
    };
    crate::contract::outbox(make).await;
}

#[tokio::test]
async fn what_waits_was_in_flight_or_settled_survives_the_process() {
    let (_folder, path) = folder();
    {
        let outbox = open(&path);
        outbox.put(["a.1", "a.2", "a.3", "a.4"].map(record).into(), NOW).await.expect("there is room");
        let got = outbox.claim(claim(3)).await.expect("a claim").beacons;
        let last = LastAttempt { at: NOW, status: Some(200), message: "".into() };
        let settle = |number: usize, disposition| Settlement {
            id: got[number].id,
            attempts: 0,
            disposition,
            last: last.clone(),
        };
        let retry = Disposition::RetryAt { at: NOW, in_doubt: false };
        outbox.settle(vec![settle(0, Disposition::Delivered), settle(1, retry)], NOW).await.expect("settled");
    }
    let outbox = open(&path);
    let rows = rows(&outbox).await;
    let shown: Vec<_> = rows.iter().map(|row| (row.key.as_str(), row.state, row.attempts, row.in_doubt)).collect();
    let expected = [
        ("a.1", DeliveryState::Delivered, 1, 0),
        ("a.2", DeliveryState::Waiting, 1, 0),
        ("a.3", DeliveryState::Waiting, 1, 1),
        ("a.4", DeliveryState::Waiting, 0, 0),
    ];
    assert_eq!(shown, expected);
    assert_eq!(outbox.put(vec![record("a.1")], NOW).await, Ok(vec![PutOutcome::Duplicate]), "keys survive too");
    let stats = outbox.stats().await;
    assert_eq!((stats.waiting, stats.in_flight, stats.repaired), (3, 0, false));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = folder();
    fs::write(&path, "").expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("rights");
    let outbox = open(&path);
    let attending = tokio::spawn(outbox.attend().expect("it answers"));
    while OutboxAdmin::open(&path).expect("a desk").stats().await.is_err() {
        tokio::task::yield_now().await;
    }
    let modes = fs::read_dir(folder.path()).expect("a folder").flatten().map(|entry| {
        let mode = entry.metadata().expect("it is there").permissions().mode() & 0o777;
        (entry.file_name().to_string_lossy().into_owned(), format!("{mode:o}"))
    });
    let mut modes: Vec<_> = modes.collect();
    modes.sort();
    let expected = ["beacons", "beacons.lock", "beacons.sock"].map(|name| (name.to_owned(), "600".to_owned()));
    assert_eq!(modes, expected);
    attending.abort();
}

#[tokio::test]
async fn a_second_owner_is_told_who_the_first_one_is() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    let process = std::process::id();
    assert_eq!(DiskOutbox::open(&path).err(), Some(OutboxError::InUse { process }));
    assert_eq!(OutboxError::InUse { process: 7 }.to_string(), "in use by process 7");
    drop(outbox);
    drop(open(&path));
}

#[cfg(unix)]
#[tokio::test]
async fn the_owner_answers_over_its_socket() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    outbox.put(["a.1", "a.2"].map(record).into(), NOW).await.expect("there is room");
    let desk = OutboxAdmin::open(&path).expect("a desk");
    assert!(desk.own().is_none());
    assert_eq!(desk.stats().await, Err(OutboxError::InUse { process: std::process::id() }), "nobody answers yet");
    let attending = tokio::spawn(outbox.attend().expect("it answers"));
    while desk.stats().await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(desk.rows(LedgerQuery::default()).await.expect("rows"), rows(&outbox).await);
    assert_eq!(desk.stats().await, Ok(outbox.stats().await));
    assert_eq!(desk.requeue(LedgerQuery::default(), NOW).await, Ok(2));
    attending.abort();
    drop(attending.await);
    drop(outbox);
    let desk = OutboxAdmin::open(&path).expect("a desk");
    assert!(desk.own().is_some());
    assert_eq!(desk.rows(LedgerQuery::default()).await.expect("rows").len(), 2);
}

#[tokio::test]
async fn what_cannot_be_opened_at_all_is_said() {
    let (_folder, path) = folder();
    assert!(matches!(DiskOutbox::open(path.join("missing/file")), Err(OutboxError::Open { .. })));
    assert!(matches!(OutboxAdmin::open(&path), Err(OutboxError::Open { .. })));
    assert!(!path.exists(), "asking makes no file");
}

/// Opens a file that is not well, and sees that it is set aside and a new one works.
async fn assert_set_aside(path: &Path, kind: &str, case: &str) {
    let outbox = open(path);
    assert_eq!(outbox.put(vec![record("new")], NOW).await, Ok(vec![PutOutcome::Queued]), "{case}");
    let aside = outbox.stats().await.set_aside;
    assert_eq!(aside.len(), 1, "{case}: {aside:?}");
    assert!(aside[0].contains(kind), "{case}: {aside:?}");
    assert!(fs::metadata(&aside[0]).expect("it is kept").len() > 0, "{case}");
    drop(outbox);
    let again = open(path);
    assert_eq!(again.stats().await.set_aside, aside, "{case}: it is still named, and not set aside again");
    assert_eq!(rows(&again).await.len(), 1, "{case}");
}

fn bytes(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).expect("the file");
    bytes
}

#[tokio::test]
async fn a_file_that_is_no_outbox_is_set_aside() {
    for (case, content) in [("text", &b"not an outbox"[..]), ("zeros", &[0; 8192]), ("noise", &[0xa5; 70_000])] {
        let (_folder, path) = folder();
        fs::write(&path, content).expect("a file");
        assert_set_aside(&path, ".damaged-", case).await;
    }
}

#[tokio::test]
async fn a_file_that_ends_too_early_is_set_aside() {
    for share in [1, 2, 3] {
        let (_folder, path) = folder();
        filled(&path, 500).await;
        let file = OpenOptions::new().write(true).open(&path).expect("the file");
        let length = file.metadata().expect("the file").len();
        file.set_len(length * share / 4).expect("it is cut");
        assert_set_aside(&path, ".damaged-", &format!("{share} of 4")).await;
    }
}

/// Wherever a byte turns: the process starts, goes on, and what it shows is either right or named as lost.
#[tokio::test]
async fn a_byte_that_turned_is_noticed_or_does_not_matter() {
    let (_folder, original) = folder();
    filled(&original, 60).await;
    let good = bytes(&original);
    let (mut rng, mut set_aside) = (fastrand::Rng::with_seed(11), 0);
    for round in 0..150 {
        let (_folder, path) = folder();
        fs::copy(&original, &path).expect("a copy");
        let place = rng.usize(..good.len());
        let mut file = OpenOptions::new().write(true).open(&path).expect("the file");
        file.seek(SeekFrom::Start(place as u64)).expect("a place");
        file.write_all(&[good[place] ^ (1 << rng.u8(..8))]).expect("it turns");
        drop(file);
        let outbox = open(&path);
        let stats = outbox.stats().await;
        let rows = rows(&outbox).await;
        let whole = rows.len() == 60 && rows.iter().all(|row| row.url == record(&row.key).url);
        let noticed = !stats.set_aside.is_empty() || stats.unreadable > 0 || stats.repaired;
        assert!(whole || noticed, "round {round}, byte {place}: {} rows, {stats:?}", rows.len());
        assert_eq!(
            outbox.put(vec![record("new")], NOW).await,
            Ok(vec![PutOutcome::Queued]),
            "round {round}, byte {place}"
        );
        set_aside += stats.set_aside.len();
    }
    assert!(set_aside > 0, "no round was serious");
}

fn change(path: &Path, change: impl FnOnce(&redb::WriteTransaction)) {
    let database = Database::open(path).expect("a database");
    let txn = database.begin_write().expect("a transaction");
    change(&txn);
    txn.commit().expect("it is written");
}

#[tokio::test]
async fn a_newer_file_is_set_aside() {
    let (_folder, path) = folder();
    filled(&path, 3).await;
    change(&path, |txn| drop(txn.open_table(META).expect("a table").insert(META_FORMAT, 2).expect("it is written")));
    assert_set_aside(&path, ".newer-", "format 2").await;
}

#[tokio::test]
async fn rows_that_cannot_be_read_are_kept_counted_and_do_not_stop_the_others() {
    let (_folder, path) = folder();
    filled(&path, 3).await;
    change(&path, |txn| {
        let mut table = txn.open_table(WAITING).expect("a table");
        table.insert(1, &b"\x02a row of a newer version"[..]).expect("it is written");
        table.insert(2, &b"\x01damaged"[..]).expect("it is written");
    });
    for _ in 0..2 {
        let outbox = open(&path);
        let stats = outbox.stats().await;
        assert_eq!((stats.unreadable, stats.waiting, stats.set_aside.len()), (2, 1, 0));
        let late = Claim { now: Timestamp::from_millis(u64::MAX / 2), ..claim(9) };
        assert_eq!(outbox.claim(late.clone()).await.expect("a claim").beacons.len(), 1);
        assert!(outbox.claim(late).await.expect("a claim").beacons.is_empty());
    }
}
