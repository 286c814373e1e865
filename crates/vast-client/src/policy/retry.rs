//! The statuses that are retried, and the wait before a retry. Ad requests and trackers use the same rules.

use std::time::Duration;

use fastrand::Rng;

use super::time::scaled;

/// Whether a server that answers with this status may accept the same request later: 408, 429 and 5xx except 501.
pub const fn is_retried_status(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..=599) && status != 501
}

/// Exponential backoff with full jitter: the bound of the wait doubles with each retry, and the wait is drawn between zero and
/// the bound. Full jitter spreads the retries of many clients best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The upper bound of the first wait.
    pub delay: Duration,
    /// The bound of any wait.
    pub max_delay: Duration,
}

impl Backoff {
    /// The bound of the wait before retry number `retry` (from 1).
    pub fn bound(self, retry: u32) -> Duration {
        self.delay.saturating_mul(2u32.saturating_pow(retry.saturating_sub(1))).min(self.max_delay)
    }

    /// The wait before retry number `retry` (from 1). It is never shorter than the `Retry-After` of the server.
    pub fn wait(self, retry: u32, retry_after: Option<Duration>, rng: &mut Rng) -> Duration {
        scaled(self.bound(retry), rng.f64()).max(retry_after.unwrap_or_default())
    }
}

/// Retries of one source. [`Failure::is_retried`](crate::Failure::is_retried) decides which failures are retried.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Attempts after the first. Default 1: each ad request costs the seller money.
    pub max_retries: u32,
    /// The bound of the first wait; it doubles with each retry. Default 50 ms.
    pub delay: Duration,
    /// The bound of any wait. Default 1 s.
    pub max_delay: Duration,
    /// Whether a timeout after the request was sent is retried. Default `false`: the ad server may have counted the first
    /// request, and would count the second one as another ad opportunity.
    pub retry_timeouts: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_retries: 1,
            delay: Duration::from_millis(50),
            max_delay: Duration::from_secs(1),
            retry_timeouts: false,
        }
    }
}

impl RetryPolicy {
    /// The waits between the attempts.
    pub fn backoff(&self) -> Backoff {
        Backoff { delay: self.delay, max_delay: self.max_delay }
    }
}
