//! The contract of an outbox that several processes share: what holds although the store has a clock of its own, and beacons arrive
//! some time after they were put.

use std::time::Duration;

use super::{batch, record, settlement};
use crate::env::Env;
use crate::track::outbox::{
    Claim, Claimed, DeadReason, DeliveryState, Disposition, LedgerQuery, Outbox, OutboxError, PutOutcome, Record,
    Timestamp,
};

/// How long a case waits for beacons.
const PATIENCE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Runs every case of the contract for shared stores. All cases use the same outbox, whose background work
/// ([`Outbox::attend`]) must run, and leave nothing in it that waits. `retry` is a wait that the store can measure.
///
/// # Panics
/// At the first case that the outbox does not pass.
pub async fn shared_outbox(outbox: &impl Outbox, env: &Env, retry: Duration) {
    let store = SharedStore { outbox, env, retry };
    store.a_beacon_is_claimed_once_and_settled().await;
    store.a_key_is_stored_once().await;
    store.two_claims_never_return_the_same_beacon().await;
    store.a_host_without_room_gets_nothing_and_loses_nothing().await;
    store.a_retry_comes_back_with_its_attempts().await;
    store.only_the_claimed_attempt_can_be_settled().await;
    store.dead_letters_have_a_reason_and_can_be_requeued().await;
    store.a_record_that_is_too_large_becomes_a_dead_letter().await;
    store.the_ledger_returns_the_rows_that_match().await;
}

struct SharedStore<'s, O> {
    outbox: &'s O,
    env: &'s Env,
    retry: Duration,
}

impl<O: Outbox> SharedStore<'_, O> {
    fn now(&self) -> Timestamp {
        Timestamp::from(self.env.wall())
    }

    /// The record with the time of now, so that it does not expire.
    fn fresh(&self, record: Record) -> Record {
        Record { created: self.now(), expires: self.now().after(DAY), ..record }
    }

    async fn put(&self, keys: &[&str]) -> Vec<PutOutcome> {
        let batch = batch(keys).into_iter().map(|record| self.fresh(record)).collect();
        self.outbox.put(batch, self.now()).await.expect("there is room")
    }

    fn claim(&self, per_host: u32) -> Claim {
        Claim { limit: 100, per_host, allowances: std::sync::Arc::default(), now: self.now(), lease: PATIENCE * 6 }
    }

    /// Claims until this number of beacons has come.
    async fn claimed(&self, number: usize) -> Vec<Claimed> {
        let mut beacons: Vec<Claimed> = Vec::new();
        let gather = async {
            while beacons.len() < number {
                beacons.extend(self.outbox.claim(self.claim(u32::MAX)).await.expect("a claim").beacons);
                self.pause().await;
            }
        };
        drop(tokio::time::timeout(PATIENCE, gather).await);
        beacons.sort_by(|one, other| one.record.key.cmp(&other.record.key));
        assert_eq!(beacons.len(), number, "beacons that came: {beacons:?}");
        beacons
    }

    /// Waits for beacons, but not for ever: those of an earlier claim may have arrived before.
    async fn pause(&self) {
        drop(tokio::time::timeout(Duration::from_millis(20), self.outbox.arrival()).await);
    }

    async fn nothing_comes(&self) {
        for _ in 0..5 {
            let claims = self.outbox.claim(self.claim(u32::MAX)).await.expect("a claim");
            assert!(claims.beacons.is_empty(), "{:?}", claims.beacons);
            self.pause().await;
        }
    }

    async fn settle(&self, claimed: &Claimed, disposition: Disposition, status: Option<u16>) -> usize {
        let settled = self.outbox.settle(vec![settlement(claimed, disposition, status)], self.now()).await;
        settled.expect("settled")
    }

    async fn rows(&self, query: LedgerQuery) -> Vec<(String, DeliveryState, Option<DeadReason>)> {
        let rows = self.outbox.rows(query).await.expect("rows");
        let mut rows: Vec<_> = rows.into_iter().map(|row| (row.key, row.state, row.reason)).collect();
        rows.sort_by(|one, other| one.0.cmp(&other.0));
        rows
    }

    async fn state(&self, key: &str) -> Option<DeliveryState> {
        let query = LedgerQuery { key: Some(key.to_owned()), ..LedgerQuery::default() };
        self.rows(query).await.first().map(|(_, state, _)| *state)
    }

    async fn a_beacon_is_claimed_once_and_settled(&self) {
        assert_eq!(self.put(&["once.1", "once.2"]).await, [PutOutcome::Queued, PutOutcome::Queued]);
        assert_eq!(self.state("once.1").await, Some(DeliveryState::Waiting));
        let got = self.claimed(2).await;
        let put = record("once.1", "t.example");
        let kept = Record { created: put.created, expires: put.expires, ..(*got[0].record).clone() };
        assert_eq!(kept, put, "nothing of the record is lost");
        self.nothing_comes().await;
        assert_eq!(self.state("once.2").await, Some(DeliveryState::InFlight));
        for one in &got {
            assert_eq!(self.settle(one, Disposition::Delivered, Some(204)).await, 1);
        }
        let query = LedgerQuery { key: Some("once.1".to_owned()), ..LedgerQuery::default() };
        let row = self.outbox.rows(query).await.expect("rows").remove(0);
        assert_eq!((row.state, row.attempts, row.last_status), (DeliveryState::Delivered, 1, Some(204)));
        self.nothing_comes().await;
    }

    async fn a_key_is_stored_once(&self) {
        assert_eq!(self.put(&["key.1", "key.1"]).await, [PutOutcome::Queued, PutOutcome::Duplicate]);
        assert_eq!(self.put(&["key.1"]).await, [PutOutcome::Duplicate]);
        let got = self.claimed(1).await;
        self.settle(&got[0], Disposition::Delivered, Some(200)).await;
        assert_eq!(self.put(&["key.1"]).await, [PutOutcome::Duplicate], "delivered");
        self.nothing_comes().await;
    }

    async fn two_claims_never_return_the_same_beacon(&self) {
        let all = (0..60).map(|number| record(&format!("two.{number}"), &format!("t{}.example", number % 7)));
        let all = all.map(|record| self.fresh(record)).collect();
        self.outbox.put(all, self.now()).await.expect("there is room");
        let mut seen: Vec<Claimed> = Vec::new();
        let gather = async {
            while seen.len() < 60 {
                let claims = (self.outbox.claim(self.claim(2)), self.outbox.claim(self.claim(2)));
                let (one, other) = futures_util::join!(claims.0, claims.1);
                seen.extend([one.expect("a claim").beacons, other.expect("a claim").beacons].concat());
                self.pause().await;
            }
        };
        drop(tokio::time::timeout(PATIENCE, gather).await);
        let ids: std::collections::HashSet<_> = seen.iter().map(|claimed| claimed.id).collect();
        assert_eq!((seen.len(), ids.len()), (60, 60));
        for one in &seen {
            assert_eq!(self.settle(one, Disposition::Delivered, Some(200)).await, 1);
        }
    }

    async fn a_host_without_room_gets_nothing_and_loses_nothing(&self) {
        self.put(&["room.1"]).await;
        for _ in 0..5 {
            let claims = self.outbox.claim(self.claim(0)).await.expect("a claim");
            assert!(claims.beacons.is_empty());
            self.pause().await;
        }
        let got = self.claimed(1).await;
        assert_eq!(got[0].progress.attempts, 0, "waiting for room is no attempt");
        self.settle(&got[0], Disposition::Delivered, Some(200)).await;
    }

    async fn a_retry_comes_back_with_its_attempts(&self) {
        self.put(&["retry.1"]).await;
        let got = self.claimed(1).await;
        let at = self.now().after(self.retry);
        assert_eq!(self.settle(&got[0], Disposition::RetryAt { at, in_doubt: true }, Some(503)).await, 1);
        assert_eq!(self.state("retry.1").await, Some(DeliveryState::Waiting));
        let again = self.claimed(1).await;
        assert!(self.now() >= at, "it came too early");
        assert_eq!((again[0].progress.attempts, again[0].progress.in_doubt), (1, 1));
        assert_eq!(again[0].record, got[0].record, "the same bytes");
        self.settle(&again[0], Disposition::Delivered, Some(200)).await;
    }

    async fn only_the_claimed_attempt_can_be_settled(&self) {
        self.put(&["late.1"]).await;
        let got = self.claimed(1).await;
        let mut other = got[0].clone();
        other.progress.attempts += 1;
        assert_eq!(self.settle(&other, Disposition::Dead(DeadReason::Refused), None).await, 0);
        assert_eq!(self.settle(&got[0], Disposition::Delivered, Some(200)).await, 1);
        assert_eq!(self.settle(&got[0], Disposition::Delivered, Some(200)).await, 0);
        assert_eq!(self.state("late.1").await, Some(DeliveryState::Delivered));
    }

    async fn dead_letters_have_a_reason_and_can_be_requeued(&self) {
        self.put(&["dead.1"]).await;
        let got = self.claimed(1).await;
        self.settle(&got[0], Disposition::Dead(DeadReason::Refused), Some(404)).await;
        let query = LedgerQuery { group: Some("dead".to_owned()), ..LedgerQuery::default() };
        let expected = [("dead.1".to_owned(), DeliveryState::Dead, Some(DeadReason::Refused))];
        assert_eq!(self.rows(query.clone()).await, expected);
        assert_eq!(self.outbox.requeue(query.clone(), self.now()).await, Ok(1));
        let again = self.claimed(1).await;
        assert_eq!((again[0].progress.attempts, &*again[0].record.key), (1, "dead.1"));
        self.settle(&again[0], Disposition::Delivered, Some(200)).await;
        assert_eq!(self.rows(query.clone()).await, [("dead.1".to_owned(), DeliveryState::Delivered, None)]);
        assert_eq!(self.outbox.requeue(query, self.now()).await, Ok::<_, OutboxError>(0), "a delivered beacon stays");
    }

    async fn a_record_that_is_too_large_becomes_a_dead_letter(&self) {
        let mut large = self.fresh(record("large.1", "t.example"));
        large.url.push_str(&"ü".repeat(40_000));
        assert_eq!(self.outbox.put(vec![large], self.now()).await, Ok(vec![PutOutcome::TooLarge]));
        let query = LedgerQuery { key: Some("large.1".to_owned()), ..LedgerQuery::default() };
        let expected = [("large.1".to_owned(), DeliveryState::Dead, Some(DeadReason::TooLarge))];
        assert_eq!(self.rows(query).await, expected);
    }

    async fn the_ledger_returns_the_rows_that_match(&self) {
        self.put(&["rows.1", "rows.2", "other.1"]).await;
        let got = self.claimed(3).await;
        self.settle(&got[1], Disposition::Delivered, Some(200)).await;
        let group = LedgerQuery { group: Some("rows".to_owned()), ..LedgerQuery::default() };
        let states = [DeliveryState::Delivered, DeliveryState::InFlight];
        for (state, key) in states.into_iter().zip(["rows.1", "rows.2"]) {
            let query = LedgerQuery { state: Some(state), ..group.clone() };
            assert_eq!(self.rows(query).await, [(key.to_owned(), state, None)]);
        }
        assert_eq!(self.rows(LedgerQuery { limit: Some(1), ..group }).await.len(), 1);
        for one in [&got[0], &got[2]] {
            self.settle(one, Disposition::Delivered, Some(200)).await;
        }
    }
}
