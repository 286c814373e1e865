//! The ledger: the state of each beacon, as users and operators read it.

use serde::{Deserialize, Serialize};

use super::record::{DeliveryProgress, Record, Timestamp};

/// What became of a beacon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryState {
    /// It waits for its first or next try.
    Waiting,
    /// A courier has it.
    InFlight,
    /// The tracker took it.
    Delivered,
    /// It is not tried any more; the row says why.
    Dead,
}

impl DeliveryState {
    /// The name used in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InFlight => "in_flight",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// Why a beacon is not tried any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeadReason {
    /// The tracker said that it never will take it: a status such as 404, a redirect that leads nowhere.
    Refused,
    /// Its URL cannot be called, or may not be.
    Uncallable,
    /// Its age limit passed.
    Expired,
    /// Its fate was in doubt more often than allowed.
    InDoubt,
    /// It is larger than a record may be.
    TooLarge,
    /// It gave way to others when the outbox was full.
    Evicted,
}

impl DeadReason {
    /// All reasons.
    pub const ALL: [Self; 6] =
        [Self::Refused, Self::Uncallable, Self::Expired, Self::InDoubt, Self::TooLarge, Self::Evicted];

    /// The name used in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Uncallable => "uncallable",
            Self::Expired => "expired",
            Self::InDoubt => "in_doubt",
            Self::TooLarge => "too_large",
            Self::Evicted => "evicted",
        }
    }
}

/// One line of the ledger. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRow {
    /// Its number in the outbox, in the order in which beacons were put.
    pub id: u64,
    /// Its key.
    pub key: String,
    /// The request or session it belongs to.
    pub group: String,
    /// What it reports.
    pub event: String,
    /// The source whose ad named the tracker.
    pub source: String,
    /// The document that named it.
    pub hop: u32,
    /// The tracker.
    pub url: String,
    /// What became of it.
    pub state: DeliveryState,
    /// Why it is not tried any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<DeadReason>,
    /// Tries that were made.
    pub attempts: u32,
    /// Those of them whose end is not known.
    pub in_doubt: u32,
    /// The status of the last try, where one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_status: Option<u16>,
    /// How the last try failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When it was tried last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_try_ms: Option<Timestamp>,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_try_ms: Option<Timestamp>,
    /// When it happened.
    pub created_ms: Timestamp,
    /// When it is given up.
    pub expires_ms: Timestamp,
    /// The headers it is sent with.
    pub headers: Vec<(String, String)>,
    /// What the viewer had agreed to.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub consent: String,
}

impl LedgerRow {
    pub(super) fn new(
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

    /// Takes out what may identify a viewer: the queries of URLs, the values of headers, the consent string.
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

/// Which lines of the ledger: those that meet all that is set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LedgerQuery {
    /// With this number.
    #[serde(default)]
    pub id: Option<u64>,
    /// Of this request or session.
    #[serde(default)]
    pub group: Option<String>,
    /// With this key.
    #[serde(default)]
    pub key: Option<String>,
    /// In this state.
    #[serde(default)]
    pub state: Option<DeliveryState>,
    /// At most so many, the oldest first. Default: all.
    #[serde(default)]
    pub limit: Option<usize>,
}

impl LedgerQuery {
    /// Whether a beacon in this state is asked for.
    pub(super) fn holds(&self, id: u64, record: &Record, state: DeliveryState) -> bool {
        self.id.is_none_or(|wanted| wanted == id)
            && self.group.as_deref().is_none_or(|group| group == &*record.group)
            && self.key.as_ref().is_none_or(|key| *key == record.key)
            && self.state.is_none_or(|wanted| wanted == state)
    }
}

/// How an outbox stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OutboxStats {
    /// Beacons that wait for a try.
    pub waiting: u64,
    /// Beacons that a courier has.
    pub in_flight: u64,
    /// Bytes of both.
    pub bytes: u64,
    /// Delivered beacons that the ledger still shows.
    pub delivered: u64,
    /// Dead letters.
    pub dead: u64,
    /// Keys that are remembered.
    pub keys: u64,
    /// Keys that were forgotten before their 24 hours were over, since the store was opened.
    pub keys_forgotten_early: u64,
    /// Records that this version cannot read: damaged, or written by a newer one. They are kept and not tried.
    pub unreadable: u64,
    /// Whether the file had to be mended when it was opened, as it has to be after every crash.
    pub repaired: bool,
    /// Damaged or newer files that were set aside.
    pub set_aside: Vec<String>,
    /// Why the store does not work now.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<String>,
}

/// What became of the beacons of a request or session so far: [`Tracker::results`](super::Tracker::results).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrackingResults {
    /// How many are not settled: they wait for a try, or one is under way.
    pub queued: usize,
    /// How many their trackers took.
    pub delivered: usize,
    /// How many were given up; their rows say why.
    pub failed: usize,
    /// Every beacon with its URL, tries and last status, in the order in which they were put.
    pub rows: Vec<LedgerRow>,
}

impl TrackingResults {
    /// Whether nothing more will happen to them by itself.
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
