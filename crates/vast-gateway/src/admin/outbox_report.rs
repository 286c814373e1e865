//! The beacons of the outbox by their hosts, and the dead letters. Queries of URLs, headers and consent strings are left out.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::timeout;
use url::Url;
use vast_client::track::outbox::{DeliveryState, LedgerQuery, LedgerRow, Outbox, OutboxError, OutboxStats, Timestamp};

/// The largest number of beacons that are read per state; the oldest come first.
const MOST_ROWS: usize = 5_000;
/// The largest number of dead letters that are shown.
const MOST_DEAD: usize = 200;
/// The largest number of hosts that are shown.
const MOST_HOSTS: usize = 100;
/// The longest wait for the rows. A disk may be slow.
const TIME: Duration = Duration::from_secs(5);

/// The state of the outbox.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct OutboxReport {
    /// The version of this JSON form: 1.
    pub(super) schema: u32,
    pub(super) stats: OutboxStats,
    /// Why the rows are not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<String>,
    /// The hosts with beacons that wait or are in flight; the one with most of them comes first.
    pub(super) hosts: Vec<HostReport>,
    /// Whether there are more beacons than were read, so that the numbers of the hosts are too low.
    pub(super) is_cut: bool,
    /// The oldest dead letters.
    pub(super) dead: Vec<DeadLetter>,
}

/// The beacons to one host.
#[derive(Debug, Default, Serialize, JsonSchema, PartialEq, Eq)]
pub(crate) struct HostReport {
    /// The host and the port of the trackers.
    pub(super) host: String,
    /// The beacons that wait for their next attempt.
    pub(super) waiting: u64,
    /// The beacons with an attempt in progress.
    pub(super) in_flight: u64,
    /// The age of the oldest beacon in seconds.
    pub(super) oldest_seconds: u64,
    /// The status of the newest attempt of any of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_status: Option<u16>,
    /// The error of that attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_error: Option<String>,
    #[serde(skip)]
    last_try: Option<Timestamp>,
}

/// A beacon that gets no further attempt.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DeadLetter {
    /// The number in the outbox.
    pub(super) id: u64,
    /// The event that the beacon reports.
    pub(super) event: String,
    /// The source whose ad named the tracker.
    pub(super) source: String,
    /// The URL of the tracker without its query.
    pub(super) url: String,
    /// Why the beacon gets no further attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<&'static str>,
    /// The attempts that were made.
    pub(super) attempts: u32,
    /// The HTTP status of the last attempt, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_status: Option<u16>,
    /// The seconds since the event.
    pub(super) age_seconds: u64,
}

impl OutboxReport {
    /// Reads the outbox.
    pub(super) async fn read(outbox: &dyn Outbox, now: SystemTime) -> Self {
        let now = Timestamp::from(now);
        let rows = timeout(TIME, rows(outbox)).await;
        let rows = rows
            .map_err(|_| "the outbox does not answer".to_owned())
            .and_then(|rows| rows.map_err(|error| error.to_string()));
        let stats = timeout(TIME, outbox.stats()).await.unwrap_or_default();
        match rows {
            Ok((open, dead)) => Self {
                schema: 1,
                stats,
                problem: None,
                is_cut: open.iter().any(|rows| rows.len() >= MOST_ROWS),
                hosts: hosts(open.iter().flatten(), now),
                dead: dead.into_iter().map(|row| DeadLetter::new(row, now)).collect(),
            },
            Err(problem) => Self { schema: 1, stats, problem: Some(problem), ..Self::default() },
        }
    }
}

/// The beacons that wait and those in flight, and the dead letters.
async fn rows(outbox: &dyn Outbox) -> Result<([Vec<LedgerRow>; 2], Vec<LedgerRow>), OutboxError> {
    let query = |state, limit| LedgerQuery { state: Some(state), limit: Some(limit), ..LedgerQuery::default() };
    let waiting = outbox.rows(query(DeliveryState::Waiting, MOST_ROWS)).await?;
    let in_flight = outbox.rows(query(DeliveryState::InFlight, MOST_ROWS)).await?;
    Ok(([waiting, in_flight], outbox.rows(query(DeliveryState::Dead, MOST_DEAD)).await?))
}

fn hosts<'a>(rows: impl Iterator<Item = &'a LedgerRow>, now: Timestamp) -> Vec<HostReport> {
    let mut hosts: BTreeMap<String, HostReport> = BTreeMap::new();
    for row in rows {
        let name = Url::parse(&row.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        let host = hosts.entry(name.clone()).or_insert_with(|| HostReport { host: name, ..HostReport::default() });
        if row.state == DeliveryState::InFlight {
            host.in_flight += 1;
        } else {
            host.waiting += 1;
        }
        host.oldest_seconds = host.oldest_seconds.max(now.since(row.created_ms).as_secs());
        if row.last_try_ms > host.last_try {
            host.last_try = row.last_try_ms;
            (host.last_status, host.last_error) = (row.last_status, row.last_error.clone());
        }
    }
    let mut hosts: Vec<_> = hosts.into_values().collect();
    hosts.sort_by_key(|host| std::cmp::Reverse(host.waiting + host.in_flight));
    hosts.truncate(MOST_HOSTS);
    hosts
}

impl DeadLetter {
    fn new(row: LedgerRow, now: Timestamp) -> Self {
        let row = row.redacted();
        Self {
            id: row.id,
            event: row.event,
            source: row.source,
            url: row.url,
            reason: row.reason.map(|reason| reason.as_str()),
            attempts: row.attempts,
            last_status: row.last_status,
            age_seconds: now.since(row.created_ms).as_secs(),
        }
    }
}
