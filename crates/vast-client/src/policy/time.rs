//! The time limits of a request: their names, their defaults, and the rule that each limit also ends with the limit
//! above it. Also the deadline, from which every wait is computed.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;

/// The name of a time limit, as `error_type = timeout` reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum TimeLimit {
    /// `timeout`: limits the whole request.
    #[strum(serialize = "timeout")]
    #[cfg_attr(feature = "serde", serde(rename = "timeout"))]
    Request,
    /// `fallback_reserve`: ends a tier early, so that a later tier has time.
    #[strum(serialize = "fallback_reserve")]
    #[cfg_attr(feature = "serde", serde(rename = "fallback_reserve"))]
    FallbackReserve,
    /// `source_timeout`: limits one source with its retries and wrappers.
    #[strum(serialize = "source_timeout")]
    #[cfg_attr(feature = "serde", serde(rename = "source_timeout", alias = "per_source_timeout"))]
    Source,
    /// `attempt_timeout`: limits one attempt to fetch a source's own document.
    #[strum(serialize = "attempt_timeout")]
    #[cfg_attr(feature = "serde", serde(rename = "attempt_timeout"))]
    Attempt,
    /// `hop_timeout`: limits one attempt to fetch a document below a wrapper.
    #[strum(serialize = "hop_timeout")]
    #[cfg_attr(feature = "serde", serde(rename = "hop_timeout"))]
    Hop,
    /// `connect_timeout`: limits name resolution, TCP and TLS together.
    #[strum(serialize = "connect_timeout")]
    #[cfg_attr(feature = "serde", serde(rename = "connect_timeout"))]
    Connect,
    /// `idle_timeout`: limits the silence between two reads of a body.
    #[strum(serialize = "idle_timeout")]
    #[cfg_attr(feature = "serde", serde(rename = "idle_timeout"))]
    Idle,
    /// The lowest permitted rate of a body ([`BodyLimits::min_rate`](crate::transport::BodyLimits::min_rate)): more time has passed than
    /// its bytes so far may take.
    #[strum(serialize = "body_rate")]
    #[cfg_attr(feature = "serde", serde(rename = "body_rate"))]
    BodyRate,
    /// The time limit of one attempt to deliver a beacon.
    #[strum(serialize = "beacon_timeout")]
    #[cfg_attr(feature = "serde", serde(rename = "beacon_timeout"))]
    Beacon,
}

impl TimeLimit {
    /// The configuration key of the limit.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The message when the limit fires. It has the configuration key in backticks.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Request => "no answer within `timeout`",
            Self::FallbackReserve => {
                "no answer in time: the rest of the time is kept for the fallbacks (`fallback_reserve`)"
            }
            Self::Source => "no answer within `source_timeout`",
            Self::Attempt => "no complete answer within `attempt_timeout`",
            Self::Hop => "no complete answer of the wrapped ad tag within `hop_timeout`",
            Self::Connect => "not connected within `connect_timeout`",
            Self::Idle => "the body stalled for longer than `idle_timeout`",
            Self::BodyRate => "the body came more slowly than the lowest permitted rate",
            Self::Beacon => "the tracker did not answer in time",
        }
    }
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// All time limits of a request. Each limit also ends when a limit above it ends, so no request takes longer than
/// [`timeout`](Self::timeout). The defaults are short, because an ad that arrives after the start of its break cannot
/// be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeLimits {
    /// The time limit of the whole request up to the answer. Sending beacons is not included. Default 3 s, a usual
    /// limit of players.
    pub timeout: Duration,
    /// The time that is reserved for the later tiers, so that a fallback has time to respond after a primary source
    /// that hangs. Default: the smaller of `source_timeout` and a third of `timeout`.
    pub fallback_reserve: Option<Duration>,
    /// The time limit of one source: all its attempts, waits and wrappers.
    /// [`SourceConfig::source_timeout`](crate::SourceConfig::source_timeout) replaces it for a single source. Default 2
    /// s. In [`Sequential`](crate::FetchMode::Sequential) mode the default is the time that the tier has left, divided
    /// by the number of sources that have not ended, and at least 300 ms: a first source that hangs then leaves time
    /// for the next ones.
    #[doc(alias = "per_source_timeout")]
    pub source_timeout: Option<Duration>,
    /// The time limit of one attempt to fetch a source's own document, including its body. Default: `source_timeout`.
    pub attempt_timeout: Option<Duration>,
    /// The time limit of one attempt to fetch a document below a wrapper, including its body. Default 1 s.
    pub hop_timeout: Duration,
    /// The time limit of name resolution, TCP and TLS of one exchange together. Default 500 ms.
    pub connect_timeout: Duration,
    /// The longest silence between two reads of a body. Default 500 ms.
    pub idle_timeout: Duration,
    /// The least remaining time with which a request is still started. Default 100 ms: with less time, the request
    /// would cost the ad server an opportunity and give no ad.
    pub min_useful: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(3),
            fallback_reserve: None,
            source_timeout: None,
            attempt_timeout: None,
            hop_timeout: Duration::from_secs(1),
            connect_timeout: Duration::from_millis(500),
            idle_timeout: Duration::from_millis(500),
            min_useful: Duration::from_millis(100),
        }
    }
}

impl TimeLimits {
    /// The default of [`source_timeout`](Self::source_timeout) in a mode that does not divide the time among the sources.
    pub const DEFAULT_SOURCE_TIMEOUT: Duration = Duration::from_secs(2);
    /// The shortest limit of a source in a mode that divides the time among the sources.
    pub const MIN_SHARE: Duration = Duration::from_millis(300);

    /// The limit of one source when the mode does not divide the time among the sources.
    pub fn source_limit(&self) -> Duration {
        self.source_timeout.unwrap_or(Self::DEFAULT_SOURCE_TIMEOUT)
    }

    /// The time that is reserved for later tiers in a request with the limit `timeout`. If this limit is shorter than
    /// [`timeout`](Self::timeout), the reserve is shorter too, because the first tier would otherwise have no time.
    pub fn reserve(&self, timeout: Duration) -> Duration {
        let configured = self.fallback_reserve.filter(|reserve| *reserve < timeout);
        configured.unwrap_or_else(|| self.source_limit().min(timeout / 3))
    }
}

/// The time `duration` after `now`. If the clock cannot hold it, the duration means "never"; a century is long enough.
pub(crate) fn later(now: Instant, duration: Duration) -> Instant {
    now.checked_add(duration).unwrap_or_else(|| now + Duration::from_secs(100 * 365 * 24 * 3600))
}

/// `factor` times `duration`; the longest duration if the product is longer.
pub(crate) fn scaled(duration: Duration, factor: f64) -> Duration {
    // A product that is not a number has no meaning as a time, and too long a time is a mistake that is seen.
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor.max(0.0)).unwrap_or(Duration::MAX)
}

/// A point in time and the limit that ends there. [`cut`](Self::cut) never moves it later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    at: Instant,
    limit: TimeLimit,
}

impl Deadline {
    /// A deadline at which `limit` fires: `duration` after `now`.
    pub fn after(now: Instant, duration: Duration, limit: TimeLimit) -> Self {
        Self { at: later(now, duration), limit }
    }

    /// The earlier of two deadlines: this one, and `limit`, which fires after `duration` from `now`.
    #[must_use]
    pub fn cut(self, now: Instant, duration: Duration, limit: TimeLimit) -> Self {
        let inner = Self::after(now, duration, limit);
        if inner.at < self.at { inner } else { self }
    }

    /// A deadline that is earlier by `reserve` and is reported as `limit`.
    #[must_use]
    pub fn reserving(self, reserve: Duration, limit: TimeLimit) -> Self {
        if reserve.is_zero() {
            return self;
        }
        Self { at: self.at.checked_sub(reserve).unwrap_or(self.at), limit }
    }

    /// The time at which the deadline fires.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The limit that fires.
    pub fn limit(&self) -> TimeLimit {
        self.limit
    }

    /// Whether the deadline has passed at `now`.
    pub(crate) fn has_passed(&self, now: Instant) -> bool {
        now >= self.at
    }

    /// The time until the deadline; zero if it has passed.
    pub fn remaining(&self, now: Instant) -> Duration {
        self.at.saturating_duration_since(now)
    }

    /// The output of `future`, or the limit that fired first.
    ///
    /// # Errors
    /// The limit of this deadline, when it passes before the future is ready.
    pub fn within<F: Future>(&self, future: F) -> impl Future<Output = Result<F::Output, TimeLimit>> + use<F> {
        // An async function would keep `future` twice in its own future: as argument and while it waits.
        let limit = self.limit;
        tokio::time::timeout_at(self.at, future).map(move |output| output.map_err(|_| limit))
    }
}
