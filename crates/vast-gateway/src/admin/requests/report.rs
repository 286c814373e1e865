//! The newest requests as JSON: `/api/requests` and `/api/requests/ID`. The pages show the same.

use std::time::{Duration, SystemTime};

use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::timeout;
use vast_client::track::outbox::{self, LedgerQuery, LedgerRow, Outbox};
use vast_client::wire::RequestResult;

use super::explained::ExplainedRequest;
use crate::admin::config_report::time;
use crate::recent::{KeptRecording, RecentLane, RecentRequest, ServedAs};

/// The largest number of beacons of a request that are shown.
const MOST_BEACONS: usize = 200;
/// The longest wait for them. A disk may be slow.
const TIME: Duration = Duration::from_secs(5);

/// The newest requests.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RequestList {
    /// The version of this JSON form: 1.
    schema: u32,
    /// `keep_requests` of `[server]`; 0 if no requests are kept.
    keep_requests: usize,
    /// The newest first.
    requests: Vec<RequestRow>,
}

/// A request.
#[derive(Debug, Serialize, JsonSchema)]
struct RequestRow {
    /// The id, as in `X-Vast-Request-Id` and in the log.
    id: String,
    /// When it began, as RFC 3339.
    at: String,
    /// The name of the placement.
    placement: String,
    /// The outcome, as in `X-Vast-Outcome`.
    outcome: &'static str,
    /// The source of the first ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// The time to the answer in milliseconds.
    elapsed_ms: f64,
    /// The group of its beacons in the outbox, if the gateway seals its trackers.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// At most 32 of its sources.
    sources: Vec<RequestSource>,
    recording: RecordingState,
    /// The size of its recording in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    recording_bytes: Option<usize>,
}

/// A source of a request.
#[derive(Debug, Serialize, JsonSchema)]
struct RequestSource {
    /// The name.
    name: String,
    /// Its outcome, for example `filled`.
    outcome: &'static str,
    /// When it was asked, in milliseconds since the beginning of the request; absent if it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    began_ms: Option<f64>,
    /// How long it ran, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_ms: Option<f64>,
}

/// Whether the recording of a request is there.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum RecordingState {
    /// It is there.
    Whole,
    /// It has more than 32 kB, so only the facts of the row are kept.
    TooLarge,
    /// Responses are read on, or it waits to be compressed: try again.
    Pending,
}

/// A request with its result and its beacons.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RequestReport<'a> {
    /// The version of this JSON form: 1.
    schema: u32,
    request: RequestRow,
    /// The result of its replay, as `vast request --format json` prints it. Personal values are placeholders.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    result: Option<RequestResult<'a>>,
    /// Why there is no result, or why it is not exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// The beacons of its sealed trackers that came back, the oldest first, at most 200.
    beacons: Vec<RequestBeacon>,
}

/// The beacons of a request, or why the outbox does not show them.
pub(in crate::admin) type RequestBeacons = Result<Vec<RequestBeacon>, String>;

/// A beacon of a request.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::admin) struct RequestBeacon {
    /// The number in the outbox.
    pub(in crate::admin) id: u64,
    /// The event that the beacon reports.
    pub(in crate::admin) event: String,
    /// The source whose ad named the tracker.
    pub(in crate::admin) source: String,
    /// The URL of the tracker without its query.
    pub(in crate::admin) url: String,
    /// `waiting`, `in_flight`, `delivered` or `dead`.
    pub(in crate::admin) state: &'static str,
    /// Why it gets no further attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::admin) reason: Option<&'static str>,
    /// The attempts that were made.
    pub(in crate::admin) attempts: u32,
    /// The HTTP status of the last attempt, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::admin) last_status: Option<u16>,
    /// The seconds since the event.
    pub(in crate::admin) age_seconds: u64,
}

impl RequestList {
    pub(in crate::admin) fn new<'a>(keep: usize, requests: impl Iterator<Item = &'a RecentRequest>) -> Self {
        let rows = requests.filter_map(|request| Some(RequestRow::new(request, request.served.get()?)));
        Self { schema: 1, keep_requests: keep, requests: rows.collect() }
    }
}

impl<'a> RequestReport<'a> {
    /// `None` if the request has no answer yet.
    pub(in crate::admin) fn new(
        request: &RecentRequest,
        explained: &'a Result<ExplainedRequest, String>,
        beacons: RequestBeacons,
    ) -> Option<Self> {
        let (result, problem) = match explained {
            Ok(explained) => (Some(RequestResult::from(&explained.result)), explained.difference.clone()),
            Err(problem) => (None, Some(problem.clone())),
        };
        let problem = problem.or_else(|| beacons.as_ref().err().cloned());
        let request = RequestRow::new(request, request.served.get()?);
        Some(Self { schema: 1, request, result, problem, beacons: beacons.unwrap_or_default() })
    }
}

impl RequestRow {
    fn new(request: &RecentRequest, served: &ServedAs) -> Self {
        let (recording, recording_bytes) = match request.recording.get() {
            None => (RecordingState::Pending, None),
            Some(KeptRecording::Whole(file)) => (RecordingState::Whole, Some(file.len())),
            Some(KeptRecording::TooLarge(bytes)) => (RecordingState::TooLarge, Some(*bytes)),
        };
        Self {
            id: request.id.clone(),
            at: time(request.at),
            placement: served.placement.clone(),
            outcome: served.outcome.as_str(),
            source: request.winner.as_deref().map(str::to_owned),
            elapsed_ms: millis(request.elapsed),
            group: served.session.map(|session| session.to_string()),
            sources: request.lanes.iter().map(RequestSource::from).collect(),
            recording,
            recording_bytes,
        }
    }
}

impl From<&RecentLane> for RequestSource {
    fn from(lane: &RecentLane) -> Self {
        Self {
            name: lane.source.to_string(),
            outcome: lane.outcome.as_str(),
            began_ms: lane.began.map(millis),
            elapsed_ms: lane.elapsed.map(millis),
        }
    }
}

/// The beacons of a request.
///
/// # Errors
/// Why the outbox does not show them.
pub(in crate::admin) async fn beacons(outbox: &dyn Outbox, request: &RecentRequest, now: SystemTime) -> RequestBeacons {
    let Some(session) = request.served.get().and_then(|served| served.session) else { return Ok(Vec::new()) };
    let query = LedgerQuery { group: Some(session.to_string()), limit: Some(MOST_BEACONS), ..LedgerQuery::default() };
    let rows = timeout(TIME, outbox.rows(query)).await.map_err(|_| "the outbox does not answer".to_owned())?;
    let now = outbox::Timestamp::from(now);
    Ok(rows.map_err(|error| error.to_string())?.into_iter().map(|row| RequestBeacon::new(row, now)).collect())
}

impl RequestBeacon {
    fn new(row: LedgerRow, now: outbox::Timestamp) -> Self {
        let row = row.redacted();
        Self {
            id: row.id,
            event: row.event,
            source: row.source,
            url: row.url,
            state: row.state.as_str(),
            reason: row.reason.map(|reason| reason.as_str()),
            attempts: row.attempts,
            last_status: row.last_status,
            age_seconds: now.since(row.created_ms).as_secs(),
        }
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
