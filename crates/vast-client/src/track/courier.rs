//! Calling trackers.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

use super::beacons::Beacon;
use crate::error::{ErrorType, Failure};
use crate::policy::{Deadline, TimeLimit};
use crate::transport::{Ask, Exchange, Target};

/// How long one tracker may take. The usual figure of ad stitching services.
const BEACON_TIMEOUT: Duration = Duration::from_secs(3);

/// Calls one tracker, once. Its answer is ignored but for its status (VAST 4.3 section 2.3.4).
pub(super) async fn deliver(exchange: &Exchange, beacon: &Beacon) -> Result<u16, Failure> {
    let target = Target::parse(&beacon.url, None)
        .map_err(|error| Failure::new(ErrorType::Connect, format!("the tracker cannot be called: {error}")))?;
    let no_own_headers = HeaderMap::new();
    let answer = exchange.get(Ask {
        target: &target,
        rule: &beacon.rule,
        own_headers: &no_own_headers,
        everywhere: &beacon.headers,
        deadline: Deadline::after(Instant::now(), BEACON_TIMEOUT, TimeLimit::Beacon),
        connect_timeout: BEACON_TIMEOUT,
        idle_timeout: BEACON_TIMEOUT,
        transport: None,
    });
    answer.await.map(|answer| answer.status)
}
