//! The statuses that are retried, and the wait before a retry. Ad requests and trackers use the same rules.

use std::time::Duration;

use fastrand::Rng;

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
        self.bound(retry).mul_f64(rng.f64()).max(retry_after.unwrap_or_default())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn backoff() -> Backoff {
        RetryPolicy::default().backoff()
    }

    #[test]
    fn the_bound_doubles_up_to_the_maximum() {
        let mut rng = Rng::with_seed(7);
        for (retry, bound) in [(1, 50), (2, 100), (3, 200), (9, 1000), (70, 1000), (u32::MAX, 1000)] {
            let longest = (0..2000).map(|_| backoff().wait(retry, None, &mut rng)).max().unwrap_or_default();
            let bound = Duration::from_millis(bound);
            assert!(longest <= bound && longest > bound.mul_f64(0.98), "retry {retry}: {longest:?}");
        }
    }

    #[test]
    fn jitter_is_full() {
        let mut rng = Rng::with_seed(7);
        let waits: Vec<_> = (0..2000).map(|_| backoff().wait(1, None, &mut rng)).collect();
        let below_half = waits.iter().filter(|wait| **wait < Duration::from_millis(25)).count();
        assert!((900..1100).contains(&below_half), "{below_half}");
    }

    #[test]
    fn the_wait_is_never_shorter_than_retry_after() {
        let asked = Some(Duration::from_secs(2));
        assert_eq!(backoff().wait(1, asked, &mut Rng::with_seed(1)), Duration::from_secs(2));
    }

    #[test]
    fn only_statuses_of_a_busy_or_broken_server_are_retried() {
        for status in 100..600 {
            let expected = [408, 429].contains(&status) || status >= 500 && status != 501;
            assert_eq!(is_retried_status(status), expected, "{status}");
        }
    }
}
