//! A beacon as an outbox stores it, independent of the process that created it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::transport::AddressRule;
use http::HeaderMap;

/// A beacon as an outbox stores it. It does not depend on the document and the process from which it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The idempotency key: a second record with this key within 24 hours is not stored. It is unique per tracker and
    /// occurrence, for example `request.impression.2`, and has at most
    /// [`Quota::max_key_bytes`](super::Quota::max_key_bytes) bytes.
    pub key: String,
    /// The request or session that the beacon belongs to. The ledger can be queried by this value.
    pub group: Arc<str>,
    /// The name of the event that the beacon reports.
    pub event: Cow<'static, str>,
    /// The source whose ad named the tracker.
    pub source: Arc<str>,
    /// The number of the document that named the tracker; 0 is the source's own.
    pub hop: u32,
    /// The URL with all macros filled in. Every attempt sends the same bytes.
    pub url: String,
    /// The addresses to which the beacon may be sent.
    pub rule: AddressRule,
    /// `User-Agent`, `Accept` and the `X-Device-*` set.
    pub headers: Arc<HeaderMap>,
    /// The viewer's consent in the form of a URL query: `gdpr=1&gdpr_consent=...`.
    pub consent: Arc<str>,
    /// The time of the event.
    pub created: Timestamp,
    /// The time at which the beacon becomes a dead letter if it is not delivered before.
    pub expires: Timestamp,
}

impl Record {
    /// Host and port as the URL spells them. It selects the queue; the exchange reads the address to connect to from the URL.
    pub fn host(&self) -> &str {
        host_of(&self.url)
    }

    /// Whether a payment may depend on the beacon. This is the case for all events except error reports.
    pub fn is_billing(&self) -> bool {
        self.event != "error"
    }

    /// The approximate number of bytes that the record needs in memory and on disk.
    pub fn size(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 8).sum();
        FIXED + self.key.len() + self.group.len() + self.source.len() + self.url.len() + self.consent.len() + headers
    }
}

/// The bytes of the fields of fixed size.
const FIXED: usize = 96;

fn host_of(url: &str) -> &str {
    // A search for single bytes: the searches for texts and patterns of `str` take several times as long.
    let rest = url.as_bytes().windows(3).position(|three| three == b"://").map_or("", |start| &url[start + 3..]);
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#' | b'\\')).unwrap_or(rest.len());
    let authority = &rest[..end];
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// A beacon and its attempts, as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBeacon {
    /// The beacon.
    pub record: Arc<Record>,
    /// The attempts to deliver it so far.
    pub progress: DeliveryProgress,
}

/// The attempts to deliver a record so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryProgress {
    /// The time of the next attempt.
    pub due: Timestamp,
    /// The attempts that were made.
    pub attempts: u32,
    /// The attempts among them that ended in doubt: the request was written, or the process ended, and no status came.
    pub in_doubt: u32,
    /// The result of the last attempt.
    pub last: Option<LastAttempt>,
}

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastAttempt {
    /// The time of the attempt.
    pub at: Timestamp,
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// A text for humans; empty if the tracker accepted the beacon.
    pub message: Cow<'static, str>,
}

/// A time of the wall clock in milliseconds since 1970, so that it can be stored and read by another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct Timestamp(u64);

impl Timestamp {
    /// The start of 1970.
    pub const ZERO: Self = Self(0);

    /// This many milliseconds after the start of 1970.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// The milliseconds since the start of 1970.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// The time `duration` after `self`.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }

    /// The time from `earlier` to `self`; zero if `self` is not later.
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
    fn the_host_is_between_scheme_and_path() {
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
