//! A bug below the handler of reported events.

use futures_util::future::BoxFuture;
use vast_client::VastClient;
use vast_client::track::outbox::{
    Claim, Claims, LedgerQuery, LedgerRow, MemoryOutbox, Outbox, OutboxError, OutboxStats, PutOutcome, Record,
    Settlement, Timestamp,
};
use vast_gateway::Gateway;

use crate::beacons::{SECRET, impression, sealed, servers, text, with_secrets};
use crate::support::{Running, config, exchange, on_free_ports};

/// An outbox with a bug where beacons are put.
struct Panicking(MemoryOutbox);

impl Outbox for Panicking {
    fn put(&self, _: Vec<Record>, _: Timestamp) -> BoxFuture<'_, Result<Vec<PutOutcome>, OutboxError>> {
        panic!("a bug of this test")
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Claims, OutboxError>> {
        self.0.claim(claim)
    }

    fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) -> BoxFuture<'_, Result<usize, OutboxError>> {
        self.0.settle(settlements, now)
    }

    fn rows(&self, query: LedgerQuery) -> BoxFuture<'_, Result<Vec<LedgerRow>, OutboxError>> {
        self.0.rows(query)
    }

    fn stats(&self) -> BoxFuture<'_, OutboxStats> {
        self.0.stats()
    }

    fn requeue(&self, query: LedgerQuery, now: Timestamp) -> BoxFuture<'_, Result<u64, OutboxError>> {
        self.0.requeue(query, now)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_answered_as_a_report_that_was_refused() {
    let mock = servers().await;
    let mut config = config(&mock, &text(&mock, "/wrapper", "track = \"relay\""));
    on_free_ports(&mut config);
    with_secrets(&mut config, &[('1', SECRET)]);
    let client = VastClient::builder().outbox(Panicking(MemoryOutbox::default()));
    let gateway = Running::of(Gateway::builder().client(client).bind(config).await);
    let ad = gateway.get("/v1/ad/vast").await;
    let clicks = sealed(&ad, "/c/");
    for (path, method) in [(impression(&ad), "GET"), (impression(&ad), "POST"), (clicks[0].clone(), "GET")] {
        let answer = exchange(gateway.address, method, &path, "User-Agent: TV/1\r\n", "").await;
        assert_eq!((answer.status, answer.outcome()), (503, "refused"), "{method} {path}: {answer:?}");
    }
    let metrics = gateway.admin("/metrics").await.body;
    for line in [
        "vast_gateway_answers_total{placement=\"\",outcome=\"internal\"} 3",
        "vast_gateway_beacon_hits_total{end=\"refused\"} 3",
    ] {
        assert!(metrics.lines().any(|one| one == line), "{line}: {metrics}");
    }
    assert_eq!(gateway.admin("/api/state").await.json()["in_flight"], 0, "the place is given back");
}
