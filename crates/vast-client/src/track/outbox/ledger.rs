//! The ledger: the state of each beacon, as users and operators read it.

use super::record::{DeliveryProgress, Record, Timestamp};

/// The state of a beacon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum DeliveryState {
    /// The beacon waits for its first or next attempt.
    Waiting,
    /// An attempt is in progress.
    InFlight,
    /// The tracker accepted the beacon.
    Delivered,
    /// The beacon is a dead letter: it gets no further attempt. Its row has the reason.
    Dead,
}

impl DeliveryState {
    /// All states.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name used in results.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Why a beacon is a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum DeadReason {
    /// The tracker rejected the beacon finally: with a status such as 404, or with a redirect that cannot be followed.
    Refused,
    /// The URL is invalid, or its address is not allowed.
    Uncallable,
    /// The beacon reached its age limit.
    Expired,
    /// More attempts ended in doubt than the settings allow.
    InDoubt,
    /// The record is larger than [`Quota::max_record_bytes`](super::Quota::max_record_bytes).
    TooLarge,
    /// The beacon was removed from a full outbox to make room for other beacons.
    Evicted,
    /// The beacons of its answer have caused as many redirects and retries as
    /// [`DeliverySettings::max_extra_exchanges`](crate::track::DeliverySettings::max_extra_exchanges) allows.
    TooManyExchanges,
}

impl DeadReason {
    /// All reasons.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name used in results.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One row of the ledger: a beacon and its state. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LedgerRow {
    /// The number of the beacon in the outbox. Later beacons have higher numbers.
    pub id: u64,
    /// The idempotency key of the beacon.
    pub key: String,
    /// The request or session that the beacon belongs to.
    pub group: String,
    /// The event that the beacon reports.
    pub event: String,
    /// The source whose ad named the tracker.
    pub source: String,
    /// The document that named the tracker; 0 is the source's own.
    pub hop: u32,
    /// The URL of the tracker.
    pub url: String,
    /// The state of the beacon.
    pub state: DeliveryState,
    /// The reason, if the beacon is a dead letter.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub reason: Option<DeadReason>,
    /// The number of attempts that were made.
    pub attempts: u32,
    /// The number of these attempts that ended in doubt.
    pub in_doubt: u32,
    /// The status of the last attempt, if there was one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub last_status: Option<u16>,
    /// The error of the last attempt, if it failed.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub last_error: Option<String>,
    /// The time of the last attempt.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub last_try_ms: Option<Timestamp>,
    /// The time of the next attempt.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub next_try_ms: Option<Timestamp>,
    /// The time of the event.
    pub created_ms: Timestamp,
    /// The time at which the beacon expires.
    pub expires_ms: Timestamp,
    /// The headers of the beacon's requests.
    pub headers: Vec<(String, String)>,
    /// The viewer's consent.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "String::is_empty", default))]
    pub consent: String,
}

impl LedgerRow {
    /// The row of a beacon.
    pub fn new(
        id: u64,
        record: &Record,
        progress: &DeliveryProgress,
        state: DeliveryState,
        reason: Option<DeadReason>,
    ) -> Self {
        let last = progress.last.as_ref();
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Self {
            id,
            key: record.key.clone(),
            group: record.group.to_string(),
            event: record.event.to_string(),
            source: record.source.to_string(),
            hop: record.hop,
            url: record.url.clone(),
            state,
            reason,
            attempts: progress.attempts,
            in_doubt: progress.in_doubt,
            last_status: last.and_then(|last| last.status),
            last_error: last.map(|last| last.message.to_string()).filter(|message| !message.is_empty()),
            last_try_ms: last.map(|last| last.at),
            next_try_ms: (state == DeliveryState::Waiting).then_some(progress.due),
            created_ms: record.created,
            expires_ms: record.expires,
            headers: record.headers.iter().map(header).collect(),
            consent: record.consent.to_string(),
        }
    }

    /// Removes values that may identify a viewer: the queries of URLs, the values of headers, and the consent string.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        if let Some(start) = self.url.find(['?', '#']) {
            self.url.truncate(start);
            self.url.push_str("?...");
        }
        self.headers.iter_mut().for_each(|(_, value)| "...".clone_into(value));
        if !self.consent.is_empty() {
            "...".clone_into(&mut self.consent);
        }
        self
    }
}

/// Selects rows of the ledger: those that match every field that is set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LedgerQuery {
    /// The number of the beacon.
    #[cfg_attr(feature = "serde", serde(default))]
    pub id: Option<u64>,
    /// The request or session.
    #[cfg_attr(feature = "serde", serde(default))]
    pub group: Option<String>,
    /// The idempotency key.
    #[cfg_attr(feature = "serde", serde(default))]
    pub key: Option<String>,
    /// The state.
    #[cfg_attr(feature = "serde", serde(default))]
    pub state: Option<DeliveryState>,
    /// The largest number of rows; the oldest come first. Default: all.
    #[cfg_attr(feature = "serde", serde(default))]
    pub limit: Option<usize>,
}

impl LedgerQuery {
    /// Whether a beacon in this state matches.
    pub fn matches(&self, id: u64, record: &Record, state: DeliveryState) -> bool {
        self.id.is_none_or(|wanted| wanted == id)
            && self.group.as_deref().is_none_or(|group| group == &*record.group)
            && self.key.as_ref().is_none_or(|key| *key == record.key)
            && self.state.is_none_or(|wanted| wanted == state)
    }
}

/// The number of beacons in each state, and the condition of the store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OutboxStats {
    /// Beacons that wait for an attempt.
    pub waiting: u64,
    /// Beacons with an attempt in progress.
    pub in_flight: u64,
    /// The bytes of these beacons.
    pub bytes: u64,
    /// Delivered beacons that are still in the ledger.
    pub delivered: u64,
    /// Dead letters.
    pub dead: u64,
    /// Idempotency keys that are remembered.
    pub keys: u64,
    /// Keys that were forgotten before the end of their 24 hours, since the store was opened.
    pub keys_forgotten_early: u64,
    /// Records that this version cannot read, because they are damaged or a newer version wrote them. They are kept, but not
    /// called.
    pub unreadable: u64,
    /// Whether the file was not closed properly, for example after a crash, and was repaired when it was opened.
    pub repaired: bool,
    /// The format of the file; 0 in memory.
    #[cfg_attr(feature = "serde", serde(default))]
    pub format: u64,
    /// Damaged or newer files that earlier versions of this program have renamed.
    pub set_aside: Vec<String>,
    /// The reason why the store does not work now; `None` if it works.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none", default))]
    pub problem: Option<String>,
}

/// The states of all beacons of a request or session: see [`Tracker::results`](crate::track::Tracker::results).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TrackingResults {
    /// The number of beacons that wait for an attempt or are in flight.
    pub queued: usize,
    /// The number of delivered beacons.
    pub delivered: usize,
    /// The number of dead letters. Their rows have the reasons.
    pub failed: usize,
    /// Every beacon with its URL, attempts and last status, in the order in which they were put.
    pub rows: Vec<LedgerRow>,
}

impl TrackingResults {
    /// Whether every beacon is delivered or dead.
    pub fn is_settled(&self) -> bool {
        self.queued == 0
    }
}

impl From<Vec<LedgerRow>> for TrackingResults {
    fn from(rows: Vec<LedgerRow>) -> Self {
        let mut results = Self::default();
        for row in &rows {
            *match row.state {
                DeliveryState::Waiting | DeliveryState::InFlight => &mut results.queued,
                DeliveryState::Delivered => &mut results.delivered,
                DeliveryState::Dead => &mut results.failed,
            } += 1;
        }
        Self { rows, ..results }
    }
}
