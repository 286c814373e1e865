//! A remote outbox in memory that is slow, away or full.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::ready;
use vast_client::track::outbox::{Claimed, LastAttempt, MemoryOutbox};

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// How the remote outbox behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
enum Mood {
    Well,
    /// It stores what it gets, after a second.
    Slow,
    Away,
    Full,
}

#[derive(Clone)]
struct Remote {
    outbox: Arc<MemoryOutbox>,
    mood: Arc<AtomicU64>,
}

impl Remote {
    fn set(&self, mood: Mood) {
        self.mood.store(mood as u64, Ordering::Relaxed);
    }
}

impl Outbox for Remote {
    fn put(&self, batch: Vec<Record>, now: Timestamp) -> BoxFuture<'_, Result<Vec<PutOutcome>, OutboxError>> {
        let mood = self.mood.load(Ordering::Relaxed);
        async move {
            match mood {
                0 => self.outbox.put(batch, now).await,
                1 => {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    self.outbox.put(batch, now).await
                }
                2 => Err(OutboxError::Unavailable("away".to_owned())),
                _ => Err(OutboxError::Full { waiting: 1 }),
            }
        }
        .boxed()
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Claims, OutboxError>> {
        async move {
            let mut claims = self.outbox.claim(claim).await?;
            claims.beacons.iter_mut().for_each(|claimed| claimed.id |= NUMBER_BIT);
            Ok(claims)
        }
        .boxed()
    }

    fn settle(&self, mut settlements: Vec<Settlement>, now: Timestamp) -> BoxFuture<'_, Result<usize, OutboxError>> {
        settlements.iter_mut().for_each(|settlement| settlement.id &= !NUMBER_BIT);
        async move { self.outbox.settle(settlements, now).await }.boxed()
    }

    fn rows(&self, query: LedgerQuery) -> BoxFuture<'_, Result<Vec<LedgerRow>, OutboxError>> {
        self.outbox.rows(query)
    }

    fn stats(&self) -> BoxFuture<'_, OutboxStats> {
        self.outbox.stats()
    }

    fn requeue(&self, _: LedgerQuery, _: Timestamp) -> BoxFuture<'_, Result<u64, OutboxError>> {
        ready(Ok(0)).boxed()
    }
}

fn parts() -> (SpillOutbox<Remote, MemoryOutbox>, Remote) {
    let remote = Remote { outbox: Arc::default(), mood: Arc::default() };
    (SpillOutbox::new(remote.clone(), MemoryOutbox::default(), SpillSettings::default()), remote)
}

fn record(key: &str) -> Record {
    vast_client::contract::sample_record(key, "t.example", NOW)
}

fn after(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

async fn put(spill: &SpillOutbox<Remote, MemoryOutbox>, key: &str, now: Timestamp) -> PutOutcome {
    spill.put(vec![record(key)], now).await.expect("one of both takes it")[0]
}

async fn claimed(spill: &SpillOutbox<Remote, MemoryOutbox>, now: Timestamp) -> Vec<Claimed> {
    let lease = Duration::from_secs(60);
    let claim = Claim { limit: 9, per_host: 9, allowances: Arc::default(), now, lease };
    spill.claim(claim).await.expect("a claim").beacons
}

fn counts(spill: &SpillOutbox<Remote, MemoryOutbox>) -> (u64, u64, u64) {
    let SpillCounts { spilled, dropped, doubtful } = spill.counts();
    (spilled, dropped, doubtful)
}

#[tokio::test(start_paused = true)]
async fn beacons_go_to_the_remote_outbox_while_it_works() {
    let (spill, remote) = parts();
    assert_eq!(put(&spill, "a", NOW).await, PutOutcome::Queued);
    assert_eq!((remote.stats().await.waiting, counts(&spill), spill.is_spilling()), (1, (0, 0, 0), false));
    let got = claimed(&spill, NOW).await;
    let last = LastAttempt { at: NOW, status: Some(200), message: "".into() };
    let settlement = Settlement { id: got[0].id, attempts: 0, disposition: Disposition::Delivered, last };
    assert_eq!(spill.settle(vec![settlement], NOW).await, Ok(1));
    assert_eq!(remote.stats().await.delivered, 1);
}

#[tokio::test(start_paused = true)]
async fn one_put_tries_a_remote_outbox_that_is_away_and_the_first_success_ends_the_spill() {
    let (spill, remote) = parts();
    remote.set(Mood::Away);
    put(&spill, "a", NOW).await;
    put(&spill, "b", NOW).await;
    assert_eq!((counts(&spill), spill.is_spilling()), ((2, 0, 1), true), "the second one was not tried");
    remote.set(Mood::Well);
    put(&spill, "c", NOW).await;
    assert_eq!(remote.stats().await.waiting, 0, "it is not tried again at once");
    put(&spill, "d", after(2)).await;
    assert_eq!((remote.stats().await.waiting, spill.is_spilling()), (1, false));
    let keys = |got: Vec<Claimed>| got.iter().map(|one| one.record.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(claimed(&spill, after(2)).await), ["b", "c", "d"], "the first may be stored twice and waits");
    assert_eq!(keys(claimed(&spill, after(6)).await), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_drops_the_local_beacon() {
    let (spill, remote) = parts();
    remote.set(Mood::Slow);
    let began = tokio::time::Instant::now();
    put(&spill, "a", NOW).await;
    assert_eq!(began.elapsed(), Duration::from_millis(50), "a put has little patience");
    assert_eq!((spill.stats().await.waiting, counts(&spill)), (1, (1, 0, 1)));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(spill.stats().await.waiting, 2, "both have it");
    let got = claimed(&spill, after(6)).await;
    assert_eq!((got.len(), got[0].id & NUMBER_BIT), (1, NUMBER_BIT), "it is called once, by the remote outbox");
    assert_eq!(counts(&spill), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_full_remote_outbox_has_stored_nothing() {
    let (spill, remote) = parts();
    remote.set(Mood::Full);
    put(&spill, "a", NOW).await;
    assert_eq!((claimed(&spill, NOW).await.len(), counts(&spill)), (1, (1, 0, 0)), "it is due at once");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_one_outbox_has_is_not_put_into_the_other() {
    let (spill, remote) = parts();
    put(&spill, "a", NOW).await;
    remote.set(Mood::Away);
    assert_eq!(put(&spill, "a", NOW).await, PutOutcome::Duplicate);
    put(&spill, "b", NOW).await;
    remote.set(Mood::Well);
    assert_eq!(put(&spill, "b", after(9)).await, PutOutcome::Duplicate);
    assert_eq!((counts(&spill).0, remote.stats().await.waiting), (1, 1));
}
