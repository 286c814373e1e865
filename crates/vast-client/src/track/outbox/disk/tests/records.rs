//! Beacons for tests.

use std::sync::Arc;
use std::time::Duration;

use crate::track::outbox::{Claim, LedgerQuery, LedgerRow, Outbox, Record, Timestamp};
use crate::transport::AddressRule;

pub(in super::super) const NOW: Timestamp = Timestamp::from_millis(1_000);

pub(in super::super) fn record(key: &str) -> Record {
    Record {
        key: key.to_owned(),
        group: "g".into(),
        event: "impression".into(),
        source: "east".into(),
        hop: 0,
        url: format!("https://t.example/seen?key={key}&pad={}", "x".repeat(key.len() * 37 % 900)),
        rule: AddressRule::default(),
        headers: Arc::default(),
        consent: "".into(),
        created: NOW,
        expires: NOW.after(Duration::from_secs(24 * 3600)),
    }
}

pub(super) fn claim(limit: usize) -> Claim {
    let lease = Duration::from_secs(60);
    Claim { limit, per_host: u32::MAX, allowances: Arc::default(), now: NOW, lease }
}

pub(super) async fn rows(outbox: &impl Outbox) -> Vec<LedgerRow> {
    outbox.rows(LedgerQuery::default()).await.expect("rows")
}
