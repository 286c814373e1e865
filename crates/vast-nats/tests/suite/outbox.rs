//! Beacons on a real server.

use std::sync::Arc;
use std::time::Duration;

use vast_client::contract;
use vast_client::env::Env;
use vast_client::track::outbox::{
    Claim, Claimed, DeadReason, DeliveryState, Disposition, LastAttempt, LedgerQuery, Outbox, OutboxError, Record,
    Settlement, Timestamp,
};
use vast_nats::{NatsOutbox, StreamSizes};

use super::server::{LOOKS, SECOND, TestServer, attend, seal};

fn now() -> Timestamp {
    Timestamp::from(Env::system().wall())
}

fn record(key: &str) -> Record {
    contract::sample_record(key, "t.example", now())
}

/// Claims one beacon.
async fn claimed(outbox: &NatsOutbox, lease: Duration) -> Claimed {
    for _ in 0..LOOKS {
        let claim = Claim { limit: 1, per_host: 9, allowances: Arc::default(), now: now(), lease };
        if let Some(claimed) = outbox.claim(claim).await.ok().and_then(|claims| claims.beacons.into_iter().next()) {
            return claimed;
        }
        drop(tokio::time::timeout(Duration::from_millis(25), outbox.arrival()).await);
    }
    panic!("no beacon came");
}

/// Claims a beacon with a lease that ends soon.
async fn claimed_by_a_stopped_gateway(outbox: &NatsOutbox) -> Claimed {
    outbox.put(vec![record("a.2")], now()).await.expect("stored");
    claimed(outbox, SECOND * 10).await
}

async fn settle(outbox: &NatsOutbox, claimed: &Claimed) -> usize {
    let last = LastAttempt { at: now(), status: Some(200), message: "".into() };
    let (id, attempts) = (claimed.id, claimed.progress.attempts);
    let settlement = Settlement { id, attempts, disposition: Disposition::Delivered, last };
    outbox.settle(vec![settlement], now()).await.expect("settled")
}

async fn is_empty(outbox: &NatsOutbox) -> bool {
    for _ in 0..LOOKS {
        let stats = outbox.stats().await;
        if (stats.waiting, stats.in_flight) == (0, 0) && stats.problem.is_none() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    false
}

#[tokio::test]
async fn fulfils_the_contract_of_shared_stores() {
    let Some(server) = TestServer::start().await else { return };
    let outbox = server.outbox().await;
    contract::shared_outbox(&outbox, &Env::system(), SECOND * 2).await;
    assert!(is_empty(&outbox).await, "{:?}", outbox.stats().await);
}

#[tokio::test]
async fn another_gateway_takes_the_beacon_of_one_that_has_stopped() {
    let Some(server) = TestServer::start().await else { return };
    let nats = server.connect().await;
    nats.apply_setup(&StreamSizes::default()).await.expect("created");
    let first = nats.outbox(seal(), Env::system()).await.expect("an outbox");
    let work = attend(&first);
    first.put(vec![record("a.1")], now()).await.expect("stored");
    let held = claimed(&first, Duration::from_secs(60)).await;
    let short = claimed_by_a_stopped_gateway(&first).await;
    work.abort();
    let second = server.outbox().await;
    let again = claimed(&second, Duration::from_secs(60)).await;
    assert_eq!(again.record.key, short.record.key, "the lease of the other one goes on");
    assert_eq!((again.progress.attempts, again.progress.in_doubt), (1, 1), "its first call is in doubt");
    assert_eq!(settle(&first, &short).await, 0, "a settlement after the lease changes nothing");
    assert_eq!(settle(&second, &again).await, 1);
    assert_eq!(settle(&first, &held).await, 1, "a gateway that goes on can settle what nobody has taken");
    assert!(is_empty(&second).await);
}

#[tokio::test]
async fn a_key_that_another_gateway_has_put_is_called_once() {
    let Some(server) = TestServer::start().await else { return };
    let (first, second) = (server.outbox().await, server.outbox().await);
    for outbox in [&first, &second] {
        outbox.put(vec![record("a.1")], now()).await.expect("stored");
    }
    let one = tokio::select! {
        one = claimed(&first, Duration::from_secs(60)) => (one, &first),
        one = claimed(&second, Duration::from_secs(60)) => (one, &second),
    };
    assert_eq!(settle(one.1, &one.0).await, 1);
    assert!(is_empty(&first).await, "the second message was not stored");
}

#[tokio::test]
async fn beacons_survive_a_restart_of_the_server() {
    let Some(mut server) = TestServer::start().await else { return };
    let outbox = server.outbox().await;
    outbox.put(vec![record("a.1"), record("a.2")], now()).await.expect("stored");
    let held = claimed(&outbox, Duration::from_secs(60)).await;
    server.restart().await;
    for _ in 0..LOOKS {
        if outbox.problem().is_none() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(settle(&outbox, &held).await, 1, "the claim goes on");
    let other = claimed(&outbox, Duration::from_secs(60)).await;
    assert_eq!(settle(&outbox, &other).await, 1);
    assert!(is_empty(&outbox).await);
}

#[tokio::test]
async fn a_full_stream_refuses_a_batch_and_takes_the_next_one_later() {
    let Some(server) = TestServer::start().await else { return };
    let nats = server.connect().await;
    let mut sizes = StreamSizes::default();
    sizes.bytes = Some(2_000);
    nats.apply_setup(&sizes).await.expect("created");
    let outbox = nats.outbox(seal(), Env::system()).await.expect("an outbox");
    let mut number = 0;
    let full = loop {
        number += 1;
        if let Err(error) = outbox.put(vec![record(&format!("a.{number}"))], now()).await {
            break error;
        }
    };
    assert!(matches!(full, OutboxError::Full { waiting } if waiting > 0), "{full:?}");
    attend(&outbox);
    for _ in 1..number {
        let one = claimed(&outbox, Duration::from_secs(60)).await;
        assert_eq!(settle(&outbox, &one).await, 1);
    }
    assert!(is_empty(&outbox).await);
    outbox.put(vec![record("b.1")], now()).await.expect("there is room again");
}

#[tokio::test]
async fn messages_of_strangers_are_not_called_and_those_of_newer_versions_wait() {
    let Some(server) = TestServer::start().await else { return };
    let outbox = server.outbox().await;
    let client = async_nats::connect(server.url()).await.expect("it answers");
    let newer = [&b"vb\x09"[..], &[0; 80]].concat();
    for payload in [b"hello".to_vec(), newer] {
        client.publish("vast.beacons", payload.into()).await.expect("sent");
    }
    client.flush().await.expect("sent");
    for _ in 0..LOOKS {
        if outbox.counts().unreadable == 1 && outbox.stats().await.dead == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let stats = outbox.stats().await;
    assert_eq!((outbox.counts().unreadable, stats.dead, stats.in_flight + stats.waiting), (1, 1, 1));
    // A beacon that is signed with another secret could make the gateways call any address.
    let stranger = server.connect().await;
    let other_secret = vast_nats::RecordSeal::new([('a', &[7; 32][..])]);
    let stranger = stranger.outbox(other_secret, Env::system()).await.expect("an outbox");
    stranger.put(vec![record("evil.1")], now()).await.expect("stored");
    for _ in 0..LOOKS {
        if outbox.counts().unreadable == 2 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the message of the stranger was called");
}

#[tokio::test]
async fn what_a_gateway_has_received_goes_back_when_it_closes() {
    let Some(server) = TestServer::start().await else { return };
    let first = server.outbox().await;
    first.put((0..20).map(|number| record(&format!("a.{number}"))).collect(), now()).await.expect("stored");
    tokio::time::timeout(Duration::from_secs(60), first.arrival()).await.expect("they come");
    tokio::time::sleep(SECOND).await;
    first.close().await;
    let second = server.outbox().await;
    for _ in 0..20 {
        let one = claimed(&second, Duration::from_secs(60)).await;
        assert_eq!(one.progress.in_doubt, 0, "none of them was called");
        assert_eq!(settle(&second, &one).await, 1);
    }
    assert!(is_empty(&second).await);
    let query = LedgerQuery { state: Some(DeliveryState::Delivered), ..LedgerQuery::default() };
    assert_eq!(second.rows(query).await.expect("rows").len(), 20);
    let dead = LedgerQuery { state: Some(DeliveryState::Dead), ..LedgerQuery::default() };
    assert!(second.rows(dead).await.expect("rows").iter().all(|row| row.reason == Some(DeadReason::Refused)));
}
