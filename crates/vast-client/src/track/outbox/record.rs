//! A beacon as an outbox stores it, independent of the process that created it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::transport::AddressRule;

/// A beacon as an outbox keeps it: independent of the document and of the process it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What makes it the same beacon when it is put twice: a second put within 24 hours is not taken again. Unique per
    /// tracker and occurrence, for example `request.impression.2`; at most [`Quota::max_key_bytes`](super::Quota::max_key_bytes).
    pub key: String,
    /// The request or session it belongs to: what the ledger is asked for.
    pub group: Arc<str>,
    /// What it reports, by the event's name.
    pub event: Cow<'static, str>,
    /// The source whose ad named the tracker.
    pub source: Arc<str>,
    /// The document that named it; 0 is the source's own.
    pub hop: u32,
    /// The URL, macros filled in: every try sends the same bytes.
    pub url: String,
    /// Which addresses it may be sent to.
    pub rule: AddressRule,
    /// `User-Agent`, `Accept` and the `X-Device-*` set.
    pub headers: Arc<HeaderMap>,
    /// What the viewer had agreed to when it was put, in the form of a query: `gdpr=1&gdpr_consent=...`.
    pub consent: Arc<str>,
    /// When it happened.
    pub created: Timestamp,
    /// Beyond this it is not worth sending: it becomes a dead letter.
    pub expires: Timestamp,
}

impl Record {
    /// The host and port as the URL spells them: what is queued together. It only separates queues; what is connected to is
    /// read from the URL by the exchange.
    pub fn host(&self) -> &str {
        host_of(&self.url)
    }

    /// Whether money hangs on it: all but error reports.
    pub fn is_billing(&self) -> bool {
        self.event != "error"
    }

    /// About how many bytes it takes, in memory and on disk.
    pub fn size(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 8).sum();
        FIXED + self.key.len() + self.group.len() + self.source.len() + self.url.len() + self.consent.len() + headers
    }
}

/// The parts of a record that have no length of their own.
const FIXED: usize = 96;

fn host_of(url: &str) -> &str {
    let rest = url.trim_start().split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Where a record stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryProgress {
    /// When it may be tried next.
    pub due: Timestamp,
    /// Tries that were made.
    pub attempts: u32,
    /// Those of them whose end is not known: written, or in flight when the process ended, and no status came.
    pub in_doubt: u32,
    /// How the last one ended.
    pub last: Option<LastAttempt>,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastAttempt {
    /// When.
    pub at: Timestamp,
    /// The HTTP status, where one came.
    pub status: Option<u16>,
    /// Text for people; empty for a tracker that took the beacon.
    pub message: Cow<'static, str>,
}

/// A point of the wall clock, in milliseconds since 1970: what can be written to a file and read by another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The beginning of 1970.
    pub const ZERO: Self = Self(0);

    /// So many milliseconds after the beginning of 1970.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// The milliseconds since the beginning of 1970.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// `self` and `duration` later.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }

    /// How much later `self` is than `earlier`; zero when it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Self::ZERO.after(time.duration_since(UNIX_EPOCH).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn the_host_is_what_stands_between_scheme_and_path() {
        for (url, host) in [
            ("https://a.example/x?y", "a.example"),
            ("http://a.example:8080?y", "a.example:8080"),
            ("http://user:p@a.example#f", "a.example"),
            ("http://good.example\\@evil.example/", "good.example"),
            ("http://[::1]:80/", "[::1]:80"),
            ("//a.example/", ""),
            ("", ""),
        ] {
            assert_eq!(host_of(url), host, "{url}");
        }
    }
}
