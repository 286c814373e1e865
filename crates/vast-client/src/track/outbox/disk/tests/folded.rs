//! Commits that only write the commit log: what they look up in the tables of the last fold, and their answers.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redb::{Builder, Database, backends::InMemoryBackend};
use tokio::sync::oneshot;

use super::files::{folder, open};
use super::records::{NOW, claim, record, rows};
use crate::track::outbox::disk::answers::{Responder, UnsentAnswers};
use crate::track::outbox::disk::commit::{OpenStore, StoreCommand};
use crate::track::outbox::disk::commit_log::{LogStorage, MAGIC};
use crate::track::outbox::disk::file::OpenedLog;
use crate::track::outbox::{
    Claim, Claims, Disposition, LastAttempt, Outbox, OutboxStats, PutOutcome, Quota, Record, Settlement,
};

/// A commit log in memory. It notes at each write whether a write transaction of the database was open.
#[derive(Clone)]
struct NotingLog {
    bytes: Arc<Mutex<Vec<u8>>>,
    database: Arc<Database>,
    in_transaction: Arc<Mutex<Vec<bool>>>,
}

impl LogStorage for NotingLog {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.bytes.lock().expect("no panic").clone())
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let at = usize::try_from(at).expect("it fits");
        self.bytes.lock().expect("no panic")[at..at + bytes.len()].copy_from_slice(bytes);
        let is_open = self.database.try_begin_write().is_err();
        self.in_transaction.lock().expect("no panic").push(is_open);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn remove(self: Box<Self>) -> io::Result<()> {
        Ok(())
    }
}

impl NotingLog {
    fn new() -> Self {
        let database = Builder::new().create_with_backend(InMemoryBackend::new()).expect("a database");
        let bytes = [MAGIC.as_slice(), &[0; 100_000]].concat();
        Self { bytes: Arc::new(Mutex::new(bytes)), database: Arc::new(database), in_transaction: Arc::default() }
    }

    fn store(&self) -> OpenStore {
        let log = OpenedLog::Writable(Box::new(self.clone()));
        OpenStore::new(&self.database, log, 1, Quota::DISK, NOW).expect("it opens")
    }
}

/// The answer to a command that is alone in its commit.
fn commit<T>(store: &mut OpenStore, command: impl FnOnce(Responder<T>) -> StoreCommand) -> T {
    let (reply, mut answer) = oneshot::channel();
    let mut answers = Vec::new();
    store.commit(&mut VecDeque::from([command(reply)]), &mut answers).expect("a commit");
    drop(UnsentAnswers::send_first(answers));
    answer.try_recv().expect("an answer").answer.expect("it is not refused")
}

fn put(store: &mut OpenStore, keys: &[&str]) -> Vec<PutOutcome> {
    let batch = keys.iter().map(|key| record(key)).collect();
    commit(store, |reply| StoreCommand::PutBatch(batch, NOW, reply))
}

/// All that a gateway does for each event: a put, a claim and a settlement, of beacons that are in the tables or not.
#[test]
fn a_commit_that_only_writes_the_log_opens_no_write_transaction() {
    let log = NotingLog::new();
    put(&mut log.store(), &["a.1", "a.2"]);
    // A new process has written `a.1` and `a.2` to the tables and has no row in memory.
    let mut store = log.store();
    log.in_transaction.lock().expect("no panic").clear();
    assert_eq!(put(&mut store, &["a.2", "a.3"]), [PutOutcome::Duplicate, PutOutcome::Queued]);
    assert_eq!(put(&mut store, &["a.1", "a.3"]), [PutOutcome::Duplicate; 2]);
    let Claims { beacons, .. } = commit(&mut store, |reply| StoreCommand::Claim(claim(9), reply));
    assert_eq!(beacons.iter().map(|claimed| &*claimed.record.key).collect::<Vec<_>>(), ["a.1", "a.2", "a.3"]);
    let settlements = beacons.iter().map(|claimed| delivered(claimed.id)).collect();
    assert_eq!(commit(&mut store, |reply| StoreCommand::Settle(settlements, NOW, reply)), 3);
    assert_eq!(
        *log.in_transaction.lock().expect("no panic"),
        [false; 3],
        "the put without a new beacon writes nothing"
    );
}

fn delivered(id: u64) -> Settlement {
    settled(id, Disposition::Delivered)
}

fn settled(id: u64, disposition: Disposition) -> Settlement {
    Settlement { id, attempts: 0, disposition, last: LastAttempt { at: NOW, status: Some(204), message: "".into() } }
}

/// Each fold changes the tables that the commits before it have looked into.
#[tokio::test]
async fn keys_are_found_after_each_fold_until_they_are_forgotten() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    let put_at = async |key: &str, now| outbox.put(vec![record(key)], now).await.expect("there is room")[0];
    for number in 0..4 {
        assert_eq!(put_at(&format!("a.{number}"), NOW).await, PutOutcome::Queued);
        if number > 0 {
            rows(&outbox).await;
        }
        for known in 0..=number {
            assert_eq!(put_at(&format!("a.{known}"), NOW).await, PutOutcome::Duplicate, "{known} after {number}");
        }
    }
    let days = |days: u64| NOW.after(Duration::from_secs(days * 24 * 3600 + 1));
    for (key, now, outcome) in [
        ("b", days(1), PutOutcome::Queued),
        ("a.0", days(1), PutOutcome::Duplicate),
        ("c", days(2), PutOutcome::Queued),
        ("a.0", days(2), PutOutcome::Queued),
        ("b", days(2), PutOutcome::Duplicate),
    ] {
        assert_eq!(put_at(key, now).await, outcome, "{key} at {now:?}");
    }
}

/// Beacons of 4 MiB push an older one out of the memory: it is read from the tables as the last fold has left it.
#[tokio::test]
async fn a_beacon_is_read_as_the_last_fold_has_left_it() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    let large = |key: String| Record { url: format!("https://t.example/{}", "x".repeat(60_000)), ..record(&key) };
    outbox.put(vec![record("a.0")], NOW).await.expect("there is room");
    rows(&outbox).await;
    // The tables are looked into here, and `a.0` has no attempt in them.
    outbox.put(vec![record("a.1")], NOW).await.expect("there is room");
    let first = outbox.claim(claim(1)).await.expect("a claim").beacons.remove(0);
    let later = NOW.after(Duration::from_secs(1));
    let retry = settled(first.id, Disposition::RetryAt { at: later, in_doubt: false });
    assert_eq!(outbox.settle(vec![retry], NOW).await, Ok(1));
    for batch in 0..2 {
        let batch = (0..80).map(|number| large(format!("b.{batch}.{number}"))).collect();
        outbox.put(batch, later.after(Duration::from_secs(1))).await.expect("there is room");
        rows(&outbox).await;
    }
    let claims = outbox.claim(Claim { now: later, ..claim(9) }).await.expect("a claim").beacons;
    let attempts = |key: &str| claims.iter().find(|claimed| claimed.record.key == key).map(|one| one.progress.attempts);
    assert_eq!((attempts("a.0"), attempts("a.1"), claims.len()), (Some(1), Some(0), 2));
    let OutboxStats { in_flight, waiting, .. } = outbox.stats().await;
    assert_eq!((in_flight, waiting), (2, 160));
}

/// A caller that was answered may not be polled, because its task waits for another caller of the same commit.
#[tokio::test]
async fn a_caller_that_is_not_polled_delays_no_other_caller() {
    let (_folder, path) = folder();
    let outbox = open(&path);
    // While the writer thread has many beacons to write, the two other puts come, so that one commit has both.
    let mut many = outbox.put((0..2_000).map(|number| record(&format!("a.{number}"))).collect(), NOW);
    let mut idle = outbox.put(vec![record("b")], NOW);
    assert!(futures_util::poll!(&mut many).is_pending() && futures_util::poll!(&mut idle).is_pending());
    let other = outbox.put(vec![record("c")], NOW);
    let answer = tokio::time::timeout(Duration::from_secs(60), other).await.expect("it is answered");
    assert_eq!(answer, Ok(vec![PutOutcome::Queued]));
    assert_eq!((many.await.map(|all| all.len()), idle.await), (Ok(2_000), Ok(vec![PutOutcome::Queued])));
}
