//! Files: access rights, ownership, and the handling of damaged files.

use std::fs::{self, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};

use redb::Database;

use super::records::{NOW, claim, record, rows};
use crate::track::outbox::disk::file;
use crate::track::outbox::disk::layout::{META, META_FORMAT, WAITING};
use crate::track::outbox::disk::overlay::Overlay;
use crate::track::outbox::{
    Claim, DeliveryState, DiskOutbox, Disposition, LastAttempt, LedgerQuery, Outbox, OutboxAdmin, OutboxError,
    PutOutcome, Quota, Settlement, Timestamp, salvage,
};

pub(super) fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("beacons");
    (folder, path)
}

pub(super) fn open(path: &Path) -> DiskOutbox {
    DiskOutbox::open(path).expect("it opens")
}

pub(super) async fn filled(path: &Path, number: usize) {
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
async fn waiting_claimed_and_settled_beacons_survive_the_process() {
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
    let expected =
        ["beacons", "beacons.commits", "beacons.lock", "beacons.sock"].map(|name| (name.to_owned(), "600".to_owned()));
    assert_eq!(modes, expected);
    attending.abort();
}

#[tokio::test]
async fn a_second_owner_gets_the_process_id_of_the_first() {
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
    assert!(desk.has_owner());
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
    assert!(!desk.has_owner());
    assert_eq!(desk.rows(LedgerQuery::default()).await.expect("rows").len(), 2);
}

/// Files of the kernel say that they are empty, and are neither empty nor an outbox.
#[cfg(target_os = "linux")]
#[test]
fn a_file_of_the_kernel_is_no_empty_outbox() {
    for path in ["/proc/self/mem", "/proc/self/status", "/proc/self/environ"] {
        let path = Path::new(path);
        assert!(matches!(file::open_read_only(path).err(), Some(file::OpenFailure::Foreign(_))), "{path:?}");
        assert!(matches!(file::FileLock::take(path), Err(OutboxError::NotAnOutbox { .. })), "{path:?}");
        assert!(matches!(DiskOutbox::open(path), Err(OutboxError::NotAnOutbox { .. })), "{path:?}");
        assert!(matches!(OutboxAdmin::open(path), Err(OutboxError::NotAnOutbox { .. })), "{path:?}");
    }
}

#[tokio::test]
async fn an_outbox_that_cannot_be_opened_is_reported() {
    let (_folder, path) = folder();
    assert!(matches!(DiskOutbox::open(path.join("missing/file")), Err(OutboxError::Open { .. })));
    assert!(matches!(OutboxAdmin::open(&path), Err(OutboxError::Open { .. })));
    assert!(!path.exists(), "asking makes no file");
}

/// Opens a file that cannot be used: for writing, for inspection and for salvage. It is refused and unchanged.
fn assert_refused(path: &Path, case: &str) -> OutboxError {
    let before = bytes(path);
    let error = DiskOutbox::open(path).expect_err(case);
    assert_eq!(OutboxAdmin::open(path).err(), Some(error.clone()), "{case}");
    assert_eq!(bytes(path), before, "{case}: the file is unchanged");
    error
}

pub(super) fn bytes(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).expect("the file");
    bytes
}

#[test]
fn a_file_that_is_not_an_outbox_is_refused_and_unchanged() {
    let contents: [(&str, &[u8]); 5] = [
        ("text", b"not an outbox"),
        ("XML", b"<VAST version='4.2'/>"),
        ("zeros", &[0; 8192]),
        ("noise", &[0xa5; 70_000]),
        ("short", b"redb"),
    ];
    for (case, content) in contents {
        let (folder, path) = folder();
        fs::write(&path, content).expect("a file");
        let error = assert_refused(&path, case);
        assert!(matches!(error, OutboxError::NotAnOutbox { .. }), "{case}: {error}");
        let refused = salvage(&path, folder.path().join("new"));
        assert!(matches!(refused, Err(OutboxError::NotAnOutbox { .. })), "{case}: {refused:?}");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "{case}: no other file is created");
    }
}

#[test]
fn a_database_of_another_program_is_refused_and_unchanged() {
    let (_folder, path) = folder();
    let database = Database::create(&path).expect("a database");
    let txn = database.begin_write().expect("a transaction");
    let table: redb::TableDefinition<'_, u64, u64> = redb::TableDefinition::new("other");
    txn.open_table(table).expect("a table").insert(1, 1).expect("it is written");
    txn.commit().expect("it is written");
    drop(database);
    let error = assert_refused(&path, "another program");
    assert!(matches!(error, OutboxError::NotAnOutbox { .. }), "{error}");
}

/// The outbox and its lock file are opened only if they are regular files. Symbolic links are not followed.
#[cfg(unix)]
#[test]
fn links_devices_and_other_files_are_refused_before_anything_is_changed() {
    use std::os::unix::fs::symlink;
    type Prepare = fn(&Path, &Path);
    let cases: [(&str, Prepare); 7] = [
        ("the file is a link", |path, other| symlink(other, path).expect("a link")),
        ("the file is a device", |path, _| symlink("/dev/null", path).expect("a link")),
        ("the lock is a link", |path, other| symlink(other, path.with_extension("lock")).expect("a link")),
        ("the log is a link", |path, other| symlink(other, path.with_extension("commits")).expect("a link")),
        ("the log is a document", |path, _| {
            fs::write(path.with_extension("commits"), "my long list of notes").expect("a file");
        }),
        ("the lock is a document", |path, _| fs::write(path.with_extension("lock"), "my notes").expect("a file")),
        ("the lock is a folder", |path, _| fs::create_dir(path.with_extension("lock")).expect("a folder")),
    ];
    for (case, prepare) in cases {
        let (folder, path) = folder();
        let other = folder.path().join("other");
        fs::write(&other, "a document").expect("a file");
        prepare(&path, &other);
        let error = DiskOutbox::open(&path).expect_err(case);
        assert!(matches!(error, OutboxError::NotAnOutbox { .. } | OutboxError::Open { .. }), "{case}: {error}");
        assert_eq!(bytes(&other), b"a document", "{case}");
        assert!(!path.is_file() || path.is_symlink() || case.starts_with("the lock"), "{case}");
    }
    let mode =
        |path: &str| std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).expect("a device").permissions());
    let before = mode("/dev/null");
    assert!(matches!(DiskOutbox::open("/dev/null"), Err(OutboxError::NotAnOutbox { .. })));
    assert_eq!(mode("/dev/null"), before);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_in_place_of_the_socket_is_not_removed() {
    let (_folder, path) = folder();
    let socket = path.with_extension("sock");
    fs::write(&socket, "a document").expect("a file");
    let outbox = open(&path);
    outbox.attend().expect("it answers").await;
    assert_eq!(bytes(&socket), b"a document");
}

#[tokio::test]
async fn a_file_that_ends_too_early_is_refused_and_salvaged() {
    for share in [1, 2, 3] {
        let (folder, path) = folder();
        filled(&path, 500).await;
        let file = OpenOptions::new().write(true).open(&path).expect("the file");
        let length = file.metadata().expect("the file").len();
        file.set_len(length * share / 4).expect("it is cut");
        let error = assert_refused(&path, &format!("{share} of 4"));
        assert!(matches!(error, OutboxError::Damaged { .. }), "{error}");
        let salvaged = salvage(&path, folder.path().join("new")).expect("it is salvaged");
        assert!(salvaged.searched_pages && salvaged.waiting > 0, "{salvaged:?}");
    }
}

/// Changes single bits at many places: inspection does not change the file, and missing rows are reported.
#[tokio::test]
async fn a_changed_bit_is_noticed_or_does_not_matter() {
    let (_folder, original) = folder();
    filled(&original, 60).await;
    let good = bytes(&original);
    let (mut rng, mut refused, mut unreadable) = (fastrand::Rng::with_seed(11), 0, 0);
    for round in 0..150 {
        let (_folder, path) = folder();
        let place = rng.usize(..good.len());
        let mut bad = good.clone();
        bad[place] ^= 1 << rng.u8(..8);
        fs::write(&path, &bad).expect("a file");
        let admin = match OutboxAdmin::open(&path) {
            Ok(admin) => admin,
            Err(error) => {
                refused += 1;
                assert_eq!(assert_refused(&path, &format!("byte {place}")), error, "round {round}");
                continue;
            }
        };
        let rows = admin.rows(LedgerQuery::default()).await.unwrap_or_default();
        let stats = admin.stats().await.expect("nobody uses it");
        unreadable += u32::from(stats.unreadable > 0);
        let whole = rows.len() == 60 && rows.iter().all(|row| row.url == record(&row.key).url);
        let checked = admin.check().await;
        let noticed = !matches!(&checked, Ok(stats) if stats.problem.is_none() && stats.unreadable == 0);
        assert!(whole || noticed, "round {round}, byte {place}: {} rows, {checked:?}", rows.len());
        drop(admin);
        assert!(bytes(&path) == bad, "round {round}, byte {place}: inspection changed the file");
    }
    assert!(unreadable > 10, "{refused} refused, {unreadable} with unreadable rows");
}

#[tokio::test]
async fn salvage_keeps_states_and_never_overwrites_a_file() {
    let (folder, path) = folder();
    unpack_format_1(&path);
    let target = folder.path().join("new");
    let salvaged = salvage(&path, &target).expect("it is salvaged");
    assert_eq!((salvaged.waiting, salvaged.delivered, salvaged.dead, salvaged.searched_pages), (3, 1, 1, false));
    assert_eq!(states(&open(&target)).await, FORMAT_1);
    assert!(matches!(salvage(&path, &target), Err(OutboxError::Open { .. })), "the target exists");
    let outbox = open(&path);
    let process = std::process::id();
    assert_eq!(salvage(&path, folder.path().join("other")), Err(OutboxError::InUse { process }));
    drop(outbox);
}

/// A file of format 1 as the first version of the outbox wrote it: five beacons, one of them in flight.
fn unpack_format_1(path: &Path) {
    let packed = include_bytes!("format-1.outbox.gz");
    let mut file = Vec::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut file).expect("a gzip file");
    fs::write(path, file).expect("a file");
}

const FORMAT_1: [(&str, DeliveryState, u32, u32); 5] = [
    ("a.waiting", DeliveryState::Waiting, 1, 0),
    ("a.delivered", DeliveryState::Delivered, 1, 0),
    ("a.dead", DeliveryState::Dead, 1, 0),
    ("a.retry", DeliveryState::Waiting, 1, 0),
    ("a.in-flight", DeliveryState::Waiting, 1, 1),
];

async fn states(outbox: &DiskOutbox) -> Vec<(&'static str, DeliveryState, u32, u32)> {
    let name = |key: &str| FORMAT_1.iter().find(|(name, ..)| *name == key).map_or("unknown", |(name, ..)| name);
    rows(outbox).await.iter().map(|row| (name(&row.key), row.state, row.attempts, row.in_doubt)).collect()
}

#[tokio::test]
async fn a_file_of_the_first_version_is_read_and_used() {
    let (_folder, path) = folder();
    unpack_format_1(&path);
    let admin = OutboxAdmin::open(&path).expect("it can be inspected");
    assert_eq!(admin.check().await.expect("it is good").format, 1);
    drop(admin);
    let outbox = open(&path);
    assert_eq!(states(&outbox).await, FORMAT_1);
    let again = outbox.put(["a.waiting", "a.new"].map(record).into(), NOW).await;
    assert_eq!(again, Ok(vec![PutOutcome::Duplicate, PutOutcome::Queued]));
}

/// Counts the reads of a storage, to compare the cost of opening it.
#[derive(Debug)]
struct Counted<B>(B, std::sync::Arc<std::sync::atomic::AtomicU64>);

impl<B: redb::StorageBackend> redb::StorageBackend for Counted<B> {
    fn len(&self) -> std::io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.1.fetch_add(out.len() as u64, std::sync::atomic::Ordering::Relaxed);
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> std::io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.0.write(offset, data)
    }
}

#[tokio::test]
async fn opening_reads_the_same_for_few_and_many_rows() {
    let mut bytes_read = Vec::new();
    for rows in [100, 10_000] {
        let (_folder, path) = folder();
        filled(&path, rows).await;
        let bytes = std::sync::Arc::default();
        let overlay = Overlay::over(fs::File::open(&path).expect("the file")).expect("the file");
        let opened = file::over(Counted(overlay, std::sync::Arc::clone(&bytes))).expect("it opens");
        assert!(!opened.repaired);
        bytes_read.push(bytes.load(std::sync::atomic::Ordering::Relaxed));
    }
    assert!(bytes_read[1] < bytes_read[0] * 2, "{bytes_read:?}");
}

#[tokio::test]
async fn settled_beacons_are_purged_and_the_file_is_compacted() {
    let (_folder, path) = folder();
    unpack_format_1(&path);
    let admin = OutboxAdmin::open(&path).expect("it can be inspected");
    let dead = LedgerQuery { state: Some(DeliveryState::Dead), ..LedgerQuery::default() };
    assert_eq!(admin.purge(dead, NOW).await, Ok(1));
    assert_eq!(admin.purge(LedgerQuery::default(), NOW).await, Ok(1), "the delivered one");
    let waiting = LedgerQuery { state: Some(DeliveryState::Waiting), limit: Some(2), ..LedgerQuery::default() };
    assert_eq!(admin.purge(waiting, NOW).await, Ok(2));
    let left: Vec<_> = rows(&open(&path)).await.into_iter().map(|row| row.key).collect();
    assert_eq!(left, ["a.in-flight"]);
    let (before, after) = admin.compact().expect("nobody uses it");
    assert!(after <= before, "{before} {after}");
    let outbox = open(&path);
    assert_eq!(rows(&outbox).await.len(), 1);
    let admin = OutboxAdmin::open(&path).expect("it can be inspected");
    assert!(admin.has_owner());
    assert_eq!(admin.compact(), Err(OutboxError::InUse { process: std::process::id() }));
}

/// The clock was a hundred years ahead and was set back: a beacon does not wait longer than before.
#[tokio::test]
async fn a_clock_that_is_set_back_does_not_delay_beacons() {
    let (_folder, path) = folder();
    let minute = std::time::Duration::from_secs(60);
    let now = Timestamp::from(crate::env::Env::system().wall());
    let ahead = now.after(minute * 60 * 24 * 36_500);
    let outbox = open(&path);
    let ahead_record =
        crate::track::outbox::Record { created: ahead, expires: ahead.after(minute * 60), ..record("a.1") };
    outbox.put(vec![ahead_record], ahead).await.expect("there is room");
    let got = outbox.claim(Claim { now: ahead, ..claim(1) }).await.expect("a claim").beacons;
    let last = LastAttempt { at: ahead, status: Some(503), message: "".into() };
    let disposition = Disposition::RetryAt { at: ahead.after(minute), in_doubt: false };
    let settlement = Settlement { id: got[0].id, attempts: 0, disposition, last };
    outbox.settle(vec![settlement], ahead).await.expect("settled");
    drop(outbox);
    for _ in 0..2 {
        let row = rows(&open(&path)).await.remove(0);
        let (next, expires) = (row.next_try_ms.expect("it waits"), row.expires_ms);
        assert!(next >= now && next.since(now) <= minute * 2, "{row:?}");
        assert!(expires > next && expires.since(now) <= minute * 62, "{row:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_client_that_sends_nothing_does_not_block_others() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    let attending = tokio::spawn(outbox.attend().expect("it answers"));
    let admin = OutboxAdmin::open(&path).expect("it has an owner");
    while admin.stats().await.is_err() {
        tokio::task::yield_now().await;
    }
    let silent = tokio::net::UnixStream::connect(path.with_extension("sock")).await.expect("a connection");
    let stats = tokio::time::timeout(std::time::Duration::from_secs(1), admin.stats()).await;
    assert!(matches!(stats, Ok(Ok(_))), "{stats:?}");
    drop(silent);
    attending.abort();
}

fn change(path: &Path, change: impl FnOnce(&redb::WriteTransaction)) {
    let database = Database::open(path).expect("a database");
    let txn = database.begin_write().expect("a transaction");
    change(&txn);
    txn.commit().expect("it is written");
}

#[tokio::test]
async fn a_newer_format_is_refused_and_unchanged() {
    let (_folder, path) = folder();
    filled(&path, 3).await;
    change(&path, |txn| drop(txn.open_table(META).expect("a table").insert(META_FORMAT, 9).expect("it is written")));
    let error = assert_refused(&path, "format 9");
    assert_eq!(error.to_string(), format!("{} has format 9, this version reads up to format 3", path.display()));
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
