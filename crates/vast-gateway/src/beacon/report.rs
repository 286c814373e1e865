//! `POST /v1/beacons`: the events that a server reports for its viewers.

use std::time::{Duration, UNIX_EPOCH};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::hit::{BeaconHit, HitKind};
use crate::intake::BadParameter;
use crate::outcome::HitEnd;

/// The most events of one report.
const MOST_EVENTS: usize = 500;

/// The events that a server reports.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventReport {
    /// At most 500 events.
    beacons: Vec<ReportedEvent>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReportedEvent {
    /// The token of the timeline of an ad.
    token: String,
    /// When the event took place, in milliseconds since 1970. Default: now.
    at: Option<u64>,
    /// The position in the ad, in milliseconds.
    playhead_ms: Option<u64>,
}

/// How each event of a report ended, in order.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EventEnds {
    /// How each event ended, in the order of the report.
    beacons: Vec<&'static str>,
}

impl EventEnds {
    pub(crate) fn new(ends: &[HitEnd]) -> Self {
        Self { beacons: ends.iter().map(|end| end.as_str()).collect() }
    }
}

/// Takes the events of a body: the outbox stores their beacons at once. Returns how each event ended.
///
/// # Errors
/// The body is not a report.
pub(crate) async fn report(hit: BeaconHit<'_>, tenant: &str, body: &[u8]) -> Result<Vec<HitEnd>, BadParameter> {
    let wrong = |problem: String| BadParameter::new("body", problem);
    let read: EventReport = serde_json::from_slice(body).map_err(|error| wrong(format!("is not a report: {error}")))?;
    if read.beacons.len() > MOST_EVENTS {
        return Err(wrong(format!("has {} beacons: at most {MOST_EVENTS} are taken at once", read.beacons.len())));
    }
    let events = read.beacons.iter().map(|ReportedEvent { token, at, playhead_ms }| {
        let at = at.and_then(|at| UNIX_EPOCH.checked_add(Duration::from_millis(at)));
        (token.as_str(), HitKind::Server { at, playhead: playhead_ms.map(Duration::from_millis) })
    });
    Ok(hit.events(events, tenant).await)
}
