//! What reports of events cost and how they are counted: one write for a report of many events, the limits of a client, the metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::Instant;
use vast_client::BoxFuture;
use vast_client::VastClient;
use vast_client::track::outbox::{
    Claim, Claims, LedgerQuery, LedgerRow, MemoryOutbox, Outbox, OutboxError, OutboxStats, PutOutcome, Quota, Record,
    Settlement, Timestamp,
};
use vast_gateway::Gateway;
use vast_gateway::config::{AccessKey, SecretText};

use crate::beacons::{PLAYER, SECRET, impression, sealed, servers, start, text, with_secrets};
use crate::support::{Running, on_free_ports};

const KEY: &str = "Authorization: Bearer key-of-acme-long\r\n";

/// An outbox that counts how often beacons are put.
#[derive(Clone)]
struct CountedOutbox {
    inner: Arc<MemoryOutbox>,
    puts: Arc<AtomicUsize>,
}

impl CountedOutbox {
    /// With room for this number of beacons.
    fn with_room(max_waiting: u64) -> Self {
        let mut quota = Quota::MEMORY;
        quota.max_waiting = max_waiting;
        Self { inner: Arc::new(MemoryOutbox::with_quota(quota)), puts: Arc::default() }
    }
}

impl Outbox for CountedOutbox {
    fn put(&self, batch: Vec<Record>, now: Timestamp) -> BoxFuture<'_, Result<Vec<PutOutcome>, OutboxError>> {
        self.puts.fetch_add(1, Ordering::Relaxed);
        self.inner.put(batch, now)
    }

    /// No beacon is called, so that the room stays used.
    fn claim(&self, _: Claim) -> BoxFuture<'_, Result<Claims, OutboxError>> {
        Box::pin(async { Ok(Claims::default()) })
    }

    fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) -> BoxFuture<'_, Result<usize, OutboxError>> {
        self.inner.settle(settlements, now)
    }

    fn rows(&self, query: LedgerQuery) -> BoxFuture<'_, Result<Vec<LedgerRow>, OutboxError>> {
        self.inner.rows(query)
    }

    fn stats(&self) -> BoxFuture<'_, OutboxStats> {
        self.inner.stats()
    }

    fn requeue(&self, query: LedgerQuery, now: Timestamp) -> BoxFuture<'_, Result<u64, OutboxError>> {
        self.inner.requeue(query, now)
    }
}

/// A gateway with a placement whose events a server reports.
async fn with_outbox(mock: &vast_mock::Mock, outbox: CountedOutbox) -> Running {
    let text = format!("[tenant.acme]\n{}", text(mock, "/wrapper", "track = \"timeline\"\ntenant = \"acme\""));
    let mut config = crate::support::config(mock, &text);
    on_free_ports(&mut config);
    with_secrets(&mut config, &[('1', SECRET)]);
    let key = AccessKey::new("ssai", SecretText::new("key-of-acme-long").expect("long enough"));
    config.tenants.get_mut("acme").expect("a tenant").keys = vec![key];
    Running::of(Gateway::builder().client(VastClient::builder().outbox(outbox)).bind(config).await)
}

/// The tokens of the impressions and of the starts of this number of answers. Each of these events has two trackers.
async fn tokens(gateway: &Running, answers: usize) -> Vec<String> {
    let mut tokens = Vec::new();
    for _ in 0..answers {
        let answer = gateway.get_with("/v1/ad/ads.json", KEY).await.json();
        let timeline = answer["parsed_data"]["ads"][0]["timeline"].as_array().expect("a timeline").clone();
        let events = timeline.iter().filter(|row| row["event"] == "impression" || row["event"] == "start");
        tokens.extend(events.map(|row| row["token"].as_str().unwrap_or_default().to_owned()));
    }
    tokens
}

/// The status of the answer to a report of these tokens, and the end of each event.
async fn report(gateway: &Running, tokens: &[&str]) -> (u16, Vec<String>) {
    let events: Vec<_> = tokens.iter().map(|token| serde_json::json!({ "token": token })).collect();
    let answer = gateway.post("/v1/beacons", KEY, &serde_json::json!({ "beacons": events }).to_string()).await;
    let ends = serde_json::from_value(answer.json()["beacons"].take()).expect("a list");
    (answer.status, ends)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_a_report_are_one_write_and_each_has_its_end() {
    let mock = servers().await;
    let outbox = CountedOutbox::with_room(10_000);
    let gateway = with_outbox(&mock, outbox.clone()).await;
    let tokens = tokens(&gateway, 20).await;
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let first = [&tokens[..5], &["1x", tokens[2]], &tokens[5..], &[""]].concat();
    let (status, ends) = report(&gateway, &first).await;
    let mut expected = vec!["queued"; 43];
    (expected[5], expected[6], expected[42]) = ("unknown", "known", "unknown");
    assert_eq!((status, ends.iter().map(String::as_str).collect::<Vec<_>>()), (200, expected));
    assert_eq!(outbox.puts.load(Ordering::Relaxed), 1, "the events are put at once");
    assert_eq!(report(&gateway, &tokens).await, (200, vec!["known".to_owned(); 40]));
    let rows = outbox.rows(LedgerQuery::default()).await.expect("rows");
    assert_eq!(rows.len(), 80, "each event has two trackers");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outbox_that_is_nearly_full_takes_whole_events_in_order() {
    let mock = servers().await;
    let outbox = CountedOutbox::with_room(5);
    let gateway = with_outbox(&mock, outbox.clone()).await;
    let tokens = tokens(&gateway, 2).await;
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let (status, ends) = report(&gateway, &tokens).await;
    assert_eq!((status, ends), (503, ["queued", "queued", "refused", "refused"].map(str::to_owned).to_vec()));
    assert_eq!(outbox.rows(LedgerQuery::default()).await.expect("rows").len(), 4);
    assert_eq!(gateway.admin("/readyz").await.status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn reported_events_are_counted_with_the_answers() {
    let mock = servers().await;
    let gateway = start(&mock, &text(&mock, "/inline", "track = \"relay\"")).await;
    let url = impression(&gateway.get("/v1/ad/vast").await);
    for (path, times) in [(url.as_str(), 3), ("/b/1x", 2)] {
        for _ in 0..times {
            gateway.get_with(path, PLAYER).await;
        }
    }
    let metrics = gateway.admin("/metrics").await.body;
    for (outcome, count) in [("reported", 3), ("bad_request", 2), ("cancelled", 0)] {
        let line = format!("vast_gateway_answers_total{{placement=\"\",outcome=\"{outcome}\"}} {count}");
        assert!(metrics.lines().any(|one| one == line), "{line}\n{metrics}");
    }
    let line = "vast_gateway_answer_duration_seconds_count{placement=\"\"} 5";
    assert!(metrics.lines().any(|one| one == line), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_of_a_client_holds_for_events_and_a_click_still_opens_the_page() {
    let mock = servers().await;
    // The requests at once are twice the rate: one for the ad, two for events, one for a click.
    let text = format!("[server]\nrate_per_client = 2\n{}", text(&mock, "/inline", "track = \"relay\""));
    let gateway = start(&mock, &text).await;
    let began = Instant::now();
    let answer = gateway.get_with("/v1/ad/vast", PLAYER).await;
    let (url, page) = (impression(&answer), sealed(&answer, "/c/").remove(0));
    let mut ends = Vec::new();
    for path in [&url, &url, &page, &url, &page] {
        let answer = gateway.get_with(path, PLAYER).await;
        ends.push((answer.status, answer.outcome().to_owned()));
        let is_page = path == &page;
        assert_eq!(answer.header("location").is_some(), is_page, "{path}");
    }
    let limited = ends.iter().filter(|(_, end)| end == "limited").count();
    // On a slow machine the client earns the right to more requests meanwhile.
    let earned = usize::try_from(began.elapsed().as_millis() / 500).expect("not long");
    assert!(limited <= 2 && limited + earned >= 2, "{ends:?}");
    assert!(ends.iter().all(|(status, end)| end != "limited" || [302, 429].contains(status)), "{ends:?}");
}
