//! The contracts of this crate's traits as tests: the requirements for each implementation of [`Outbox`].

mod several_processes;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};

use crate::track::outbox::{
    Claim, Claimed, DeadReason, DeliveryState, Disposition, KEY_WINDOW, LastAttempt, LedgerQuery, LedgerRow, Outbox,
    OutboxError, PutOutcome, Quota, Record, Settlement, Timestamp, WhenFull,
};
use crate::transport::AddressRule;

pub use several_processes::shared_outbox;

const DAY: Duration = Duration::from_secs(24 * 3600);
const LEASE: Duration = Duration::from_secs(60);
const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// Runs every case of the contract, each on a new outbox with the given quota.
///
/// # Panics
/// At the first case that the outbox does not pass.
pub async fn outbox<O: Outbox>(make: impl Fn(Quota) -> O) {
    let quota = Quota::MEMORY;
    a_beacon_is_claimed_once_and_settled(&make(quota)).await;
    a_batch_is_stored_as_a_whole_or_not_at_all(&make(Quota { max_waiting: 3, ..quota })).await;
    bytes_are_limited(&make(Quota { max_bytes: 1_000, ..quota })).await;
    a_key_is_stored_once(&make(quota)).await;
    keys_beyond_the_limit_are_forgotten_and_counted(&make(Quota { max_keys: 4, ..quota })).await;
    two_claims_never_return_the_same_beacon(&make(quota)).await;
    hosts_take_turns_within_their_limits(&make(quota)).await;
    a_retry_waits_until_it_is_due(&make(quota)).await;
    a_lease_that_ended_leaves_the_beacon_in_doubt(&make(quota)).await;
    a_late_settlement_changes_nothing(&make(quota)).await;
    dead_letters_have_a_reason_and_can_be_requeued(&make(quota)).await;
    a_record_that_is_too_large_becomes_a_dead_letter_and_no_other_is_lost(&make(quota)).await;
    error_reports_are_evicted_if_the_quota_says_so(&make(Quota {
        max_waiting: 3,
        when_full: WhenFull::EvictErrors,
        ..quota
    }))
    .await;
    settled_beacons_are_removed_by_number_and_age(&make(Quota { max_settled: 2, max_dead: 1, ..quota })).await;
    the_ledger_returns_the_rows_that_match(&make(quota)).await;
}

/// A beacon for tests of an outbox: `key` for `https://host/...`, created at `created` and of use for a day. Its group is the part of
/// the key before the first dot.
pub fn sample_record(key: &str, host: &str, created: Timestamp) -> Record {
    let mut headers = HeaderMap::new();
    headers.insert("x-device-ip", HeaderValue::from_static("203.0.113.9"));
    Record {
        key: key.to_owned(),
        group: key.split('.').next().unwrap_or_default().into(),
        event: "impression".into(),
        source: "east".into(),
        hop: 1,
        url: format!("https://{host}/seen?key={key}"),
        rule: AddressRule::default(),
        headers: Arc::new(headers),
        consent: "gdpr=1".into(),
        created,
        expires: created.after(DAY),
    }
}

fn record(key: &str, host: &str) -> Record {
    sample_record(key, host, NOW)
}

fn batch(keys: &[&str]) -> Vec<Record> {
    keys.iter().map(|key| record(key, "t.example")).collect()
}

fn claim(limit: usize, now: Timestamp) -> Claim {
    Claim { limit, per_host: u32::MAX, allowances: Arc::default(), now, lease: LEASE }
}

fn settlement(claimed: &Claimed, disposition: Disposition, status: Option<u16>) -> Settlement {
    let last = LastAttempt { at: NOW, status, message: "".into() };
    Settlement { id: claimed.id, attempts: claimed.progress.attempts, disposition, last }
}

/// Claims up to `limit` beacons.
async fn claimed(outbox: &impl Outbox, limit: usize, now: Timestamp) -> Vec<Claimed> {
    outbox.claim(claim(limit, now)).await.expect("a claim").beacons
}

fn keys(claimed: &[Claimed]) -> Vec<&str> {
    claimed.iter().map(|one| one.record.key.as_str()).collect()
}

async fn rows(outbox: &impl Outbox) -> Vec<LedgerRow> {
    outbox.rows(LedgerQuery::default()).await.expect("rows")
}

async fn states(outbox: &impl Outbox) -> Vec<(String, DeliveryState)> {
    rows(outbox).await.into_iter().map(|row| (row.key, row.state)).collect()
}

async fn put(outbox: &impl Outbox, keys: &[&str]) -> Vec<PutOutcome> {
    outbox.put(batch(keys), NOW).await.expect("there is room")
}

async fn settle(outbox: &impl Outbox, claimed: &Claimed, disposition: Disposition, status: Option<u16>) -> usize {
    outbox.settle(vec![settlement(claimed, disposition, status)], NOW).await.expect("settled")
}

async fn a_beacon_is_claimed_once_and_settled(outbox: &impl Outbox) {
    assert_eq!(put(outbox, &["a.1", "a.2"]).await, [PutOutcome::Queued, PutOutcome::Queued]);
    let got = claimed(outbox, 9, NOW).await;
    assert_eq!(keys(&got), ["a.1", "a.2"]);
    assert_eq!(*got[0].record, record("a.1", "t.example"), "nothing of the record is lost");
    assert!(claimed(outbox, 9, NOW).await.is_empty(), "they are claimed");
    assert_eq!(settle(outbox, &got[0], Disposition::Delivered, Some(204)).await, 1);
    let expected = [("a.1".to_owned(), DeliveryState::Delivered), ("a.2".to_owned(), DeliveryState::InFlight)];
    assert_eq!(states(outbox).await, expected);
    let row = &rows(outbox).await[0];
    assert_eq!(
        (row.attempts, row.last_status, row.next_try_ms, row.url.as_str()),
        (1, Some(204), None, "https://t.example/seen?key=a.1")
    );
}

async fn a_batch_is_stored_as_a_whole_or_not_at_all(outbox: &impl Outbox) {
    put(outbox, &["a.1", "a.2"]).await;
    assert_eq!(outbox.put(batch(&["b.1", "b.2"]), NOW).await, Err(OutboxError::Full { waiting: 2 }));
    assert_eq!(states(outbox).await.len(), 2);
    assert_eq!(put(outbox, &["b.1"]).await, [PutOutcome::Queued], "the key of a refused record was not remembered");
    let got = claimed(outbox, 1, NOW).await;
    let full = outbox.put(batch(&["c.1"]), NOW).await;
    assert_eq!(full, Err(OutboxError::Full { waiting: 3 }), "beacons in flight count, because they may wait again");
    settle(outbox, &got[0], Disposition::Delivered, Some(200)).await;
    assert_eq!(put(outbox, &["c.1"]).await, [PutOutcome::Queued]);
}

async fn bytes_are_limited(outbox: &impl Outbox) {
    let all: Vec<_> = (0..20).map(|number| record(&format!("a.{number}"), "t.example")).collect();
    assert!(matches!(outbox.put(all, NOW).await, Err(OutboxError::Full { .. })));
    put(outbox, &["a.1", "a.2"]).await;
    let bytes = outbox.stats().await.bytes;
    assert_eq!(bytes, batch(&["a.1", "a.2"]).iter().map(|record| record.size() as u64).sum::<u64>());
    for one in claimed(outbox, 9, NOW).await {
        settle(outbox, &one, Disposition::Delivered, Some(200)).await;
    }
    assert_eq!(outbox.stats().await.bytes, 0);
}

async fn a_key_is_stored_once(outbox: &impl Outbox) {
    assert_eq!(put(outbox, &["a.1", "a.1"]).await, [PutOutcome::Queued, PutOutcome::Duplicate]);
    let got = claimed(outbox, 9, NOW).await;
    assert_eq!(put(outbox, &["a.1"]).await, [PutOutcome::Duplicate], "in flight");
    settle(outbox, &got[0], Disposition::Delivered, Some(200)).await;
    let almost = NOW.after(KEY_WINDOW - Duration::from_secs(1));
    assert_eq!(
        outbox.put(batch(&["a.1", "b.1"]), almost).await,
        Ok(vec![PutOutcome::Duplicate, PutOutcome::Queued]),
        "delivered"
    );
    let long_after = NOW.after(KEY_WINDOW * 3);
    outbox.put(batch(&["c.1"]), NOW.after(KEY_WINDOW * 2)).await.expect("there is room");
    assert_eq!(outbox.put(batch(&["d.1"]), long_after).await, Ok(vec![PutOutcome::Queued]));
    assert_eq!(outbox.put(batch(&["a.1"]), long_after).await, Ok(vec![PutOutcome::Queued]), "forgotten in the end");
    assert_eq!(outbox.stats().await.keys_forgotten_early, 0);
}

async fn keys_beyond_the_limit_are_forgotten_and_counted(outbox: &impl Outbox) {
    put(outbox, &["a.1", "a.2", "a.3", "a.4", "a.5"]).await;
    let stats = outbox.stats().await;
    assert_eq!((stats.keys, stats.keys_forgotten_early), (3, 2));
    assert_eq!(put(outbox, &["a.5"]).await, [PutOutcome::Duplicate]);
}

async fn two_claims_never_return_the_same_beacon(outbox: &impl Outbox) {
    let all: Vec<_> =
        (0..100).map(|number| record(&format!("a.{number}"), &format!("t{}.example", number % 7))).collect();
    outbox.put(all, NOW).await.expect("there is room");
    let mut seen = HashSet::new();
    for _ in 0..10 {
        let (one, other) = futures_util::join!(outbox.claim(claim(7, NOW)), outbox.claim(claim(7, NOW)));
        let both = [one.expect("a claim").beacons, other.expect("a claim").beacons].concat();
        assert!(both.iter().all(|claimed| seen.insert(claimed.id)), "a beacon was claimed twice");
    }
    assert_eq!(seen.len(), 100);
}

async fn hosts_take_turns_within_their_limits(outbox: &impl Outbox) {
    let all = ["a.1", "a.2", "a.3"].map(|key| record(key, "dead.example"));
    outbox.put(all.into(), NOW).await.expect("there is room");
    outbox.put(vec![record("b.1", "good.example")], NOW).await.expect("there is room");
    let limited = Claim { per_host: 1, ..claim(9, NOW) };
    let claims = outbox.claim(limited).await.expect("a claim");
    assert_eq!(keys(&claims.beacons), ["a.1", "b.1"]);
    let none = Arc::new(HashMap::from([(Arc::from("dead.example"), 0)]));
    let claims = outbox.claim(Claim { allowances: none, ..claim(9, NOW) }).await.expect("a claim");
    assert!(claims.beacons.is_empty());
    assert_eq!(claims.next, Some(NOW.after(LEASE)), "only the ends of the leases remain");
}

async fn a_retry_waits_until_it_is_due(outbox: &impl Outbox) {
    put(outbox, &["a.1"]).await;
    let got = claimed(outbox, 9, NOW).await;
    let at = NOW.after(Duration::from_secs(5));
    settle(outbox, &got[0], Disposition::RetryAt { at, in_doubt: false }, Some(503)).await;
    let claims = outbox.claim(claim(9, NOW)).await.expect("a claim");
    assert_eq!((claims.beacons.len(), claims.next), (0, Some(at)));
    let row = &rows(outbox).await[0];
    assert_eq!(
        (row.state, row.attempts, row.last_status, row.next_try_ms),
        (DeliveryState::Waiting, 1, Some(503), Some(at))
    );
    let again = claimed(outbox, 9, at).await;
    assert_eq!((again[0].progress.attempts, again[0].progress.in_doubt), (1, 0));
    assert_eq!(again[0].record, got[0].record, "the same bytes");
}

async fn a_lease_that_ended_leaves_the_beacon_in_doubt(outbox: &impl Outbox) {
    put(outbox, &["a.1"]).await;
    claimed(outbox, 9, NOW).await;
    let almost = NOW.after(LEASE - Duration::from_millis(1));
    assert!(claimed(outbox, 9, almost).await.is_empty());
    let again = claimed(outbox, 9, NOW.after(LEASE)).await;
    assert_eq!((again[0].progress.attempts, again[0].progress.in_doubt), (1, 1));
}

async fn a_late_settlement_changes_nothing(outbox: &impl Outbox) {
    put(outbox, &["a.1"]).await;
    let first = claimed(outbox, 9, NOW).await;
    let second = claimed(outbox, 9, NOW.after(LEASE)).await;
    assert_eq!(settle(outbox, &first[0], Disposition::Dead(DeadReason::Refused), None).await, 0);
    assert_eq!(settle(outbox, &second[0], Disposition::Delivered, Some(200)).await, 1);
    assert_eq!(settle(outbox, &second[0], Disposition::Delivered, Some(200)).await, 0);
    assert_eq!(states(outbox).await, [("a.1".to_owned(), DeliveryState::Delivered)]);
}

async fn dead_letters_have_a_reason_and_can_be_requeued(outbox: &impl Outbox) {
    put(outbox, &["a.1", "b.1", "b.2"]).await;
    for one in claimed(outbox, 9, NOW).await {
        settle(outbox, &one, Disposition::Dead(DeadReason::Refused), Some(404)).await;
    }
    let row = &rows(outbox).await[0];
    assert_eq!((row.state, row.reason, row.last_status), (DeliveryState::Dead, Some(DeadReason::Refused), Some(404)));
    let later = NOW.after(DAY * 2);
    let query = LedgerQuery { group: Some("b".to_owned()), ..LedgerQuery::default() };
    assert_eq!(outbox.requeue(query, later).await, Ok(2));
    let again = claimed(outbox, 9, later).await;
    assert_eq!(keys(&again), ["b.1", "b.2"]);
    assert_eq!(again[0].record.expires, later.after(DAY), "its age limit starts again");
    assert_eq!(again[0].progress.attempts, 1);
}

async fn a_record_that_is_too_large_becomes_a_dead_letter_and_no_other_is_lost(outbox: &impl Outbox) {
    let mut large = record("a.2", "t.example");
    large.url.push_str(&"ü".repeat(40_000));
    let long_key = record(&"k".repeat(600), "t.example");
    let all = vec![record("a.1", "t.example"), large, long_key];
    assert_eq!(outbox.put(all, NOW).await, Ok(vec![PutOutcome::Queued, PutOutcome::TooLarge, PutOutcome::TooLarge]));
    let rows = rows(outbox).await;
    assert_eq!((rows[1].state, rows[1].reason), (DeliveryState::Dead, Some(DeadReason::TooLarge)));
    assert!(rows[1].url.starts_with("https://t.example/seen?key=a.2") && rows[1].url.len() <= 16 << 10);
    assert_eq!(keys(&claimed(outbox, 9, NOW).await), ["a.1"]);
}

async fn error_reports_are_evicted_if_the_quota_says_so(outbox: &impl Outbox) {
    let error = |key| Record { event: "error".into(), ..record(key, "t.example") };
    outbox.put(vec![error("e.1"), error("e.2"), record("a.1", "t.example")], NOW).await.expect("there is room");
    assert_eq!(outbox.put(batch(&["a.2"]), NOW).await, Ok(vec![PutOutcome::Queued]));
    let three = batch(&["a.3", "a.4", "a.5"]);
    assert!(
        matches!(outbox.put(three, NOW).await, Err(OutboxError::Full { .. })),
        "there are not enough error reports to evict"
    );
    let rows = rows(outbox).await;
    let shown: Vec<_> = rows.iter().map(|row| (row.key.as_str(), row.reason)).collect();
    assert_eq!(shown, [("e.1", Some(DeadReason::Evicted)), ("e.2", None), ("a.1", None), ("a.2", None)]);
}

async fn settled_beacons_are_removed_by_number_and_age(outbox: &impl Outbox) {
    put(outbox, &["a.1", "a.2", "a.3", "d.1", "d.2"]).await;
    for one in claimed(outbox, 9, NOW).await {
        let is_dead = one.record.key.starts_with('d');
        let disposition = if is_dead { Disposition::Dead(DeadReason::Refused) } else { Disposition::Delivered };
        settle(outbox, &one, disposition, None).await;
    }
    let kept: Vec<_> = states(outbox).await.into_iter().map(|(key, _)| key).collect();
    assert_eq!(kept, ["a.2", "a.3", "d.2"]);
    outbox.put(batch(&["b.1"]), NOW.after(DAY * 2)).await.expect("there is room");
    let kept: Vec<_> = states(outbox).await.into_iter().map(|(key, _)| key).collect();
    assert_eq!(kept, ["d.2", "b.1"], "delivered beacons are removed after a day, dead letters after a week");
    outbox.put(batch(&["b.2"]), NOW.after(DAY * 8)).await.expect("there is room");
    assert_eq!(states(outbox).await.len(), 2);
}

async fn the_ledger_returns_the_rows_that_match(outbox: &impl Outbox) {
    put(outbox, &["a.1", "a.2", "b.1", "b.2"]).await;
    let got = claimed(outbox, 2, NOW).await;
    settle(outbox, &got[0], Disposition::Delivered, Some(200)).await;
    let ask = async |query: LedgerQuery| {
        let rows = outbox.rows(query).await.expect("rows");
        rows.into_iter().map(|row| row.key).collect::<Vec<_>>()
    };
    let all = LedgerQuery::default();
    assert_eq!(ask(LedgerQuery { group: Some("b".into()), ..all.clone() }).await, ["b.1", "b.2"]);
    assert_eq!(ask(LedgerQuery { key: Some("a.2".into()), ..all.clone() }).await, ["a.2"]);
    assert_eq!(ask(LedgerQuery { state: Some(DeliveryState::Delivered), ..all.clone() }).await, ["a.1"]);
    assert_eq!(ask(LedgerQuery { state: Some(DeliveryState::InFlight), ..all.clone() }).await, ["a.2"]);
    assert_eq!(ask(LedgerQuery { state: Some(DeliveryState::Waiting), ..all.clone() }).await, ["b.1", "b.2"]);
    assert_eq!(ask(LedgerQuery { limit: Some(3), ..all }).await, ["a.1", "a.2", "b.1"]);
    let stats = outbox.stats().await;
    assert_eq!((stats.waiting, stats.in_flight, stats.delivered, stats.dead), (2, 1, 1, 0));
}
