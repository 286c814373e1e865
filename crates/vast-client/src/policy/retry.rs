//! How often and after what wait a source is asked again.

use std::time::Duration;

use fastrand::Rng;

/// Retries of one source: exponential backoff with full jitter. What is repeated at all is decided by
/// [`Failure::is_retried`](crate::Failure::is_retried).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts after the first. Default 1: an ad request is not free for the seller.
    pub max_retries: u32,
    /// The upper bound of the first wait; it doubles with each retry. Default 50 ms.
    pub delay: Duration,
    /// The upper bound of any wait. Default 1 s.
    pub max_delay: Duration,
    /// Whether a timeout after the request was sent is repeated. Default `false`: the ad server may have counted the
    /// first request, and a second one is a second opportunity in its books.
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
    /// The wait before retry number `retry` (from 1): uniform between zero and the doubled bound ("full jitter", which
    /// spreads the retries of many clients best), but no less than what the server asked for.
    pub fn wait(&self, retry: u32, retry_after: Option<Duration>, rng: &mut Rng) -> Duration {
        let doubled = self.delay.saturating_mul(2u32.saturating_pow(retry.saturating_sub(1)));
        let jittered = doubled.min(self.max_delay).mul_f64(rng.f64());
        jittered.max(retry_after.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest_of_many(policy: &RetryPolicy, retry: u32) -> Duration {
        let mut rng = Rng::with_seed(7);
        (0..2000).map(|_| policy.wait(retry, None, &mut rng)).max().unwrap_or_default()
    }

    #[test]
    fn the_bound_doubles_and_is_capped() {
        let policy = RetryPolicy::default();
        for (retry, bound) in [(1, 50), (2, 100), (3, 200), (9, 1000), (70, 1000)] {
            let longest = longest_of_many(&policy, retry);
            let bound = Duration::from_millis(bound);
            assert!(longest <= bound && longest > bound.mul_f64(0.98), "retry {retry}: {longest:?}");
        }
    }

    #[test]
    fn jitter_is_full() {
        let mut rng = Rng::with_seed(7);
        let policy = RetryPolicy::default();
        let waits: Vec<_> = (0..2000).map(|_| policy.wait(1, None, &mut rng)).collect();
        let below_half = waits.iter().filter(|wait| **wait < Duration::from_millis(25)).count();
        assert!((900..1100).contains(&below_half), "{below_half}");
    }

    #[test]
    fn retry_after_is_a_lower_bound() {
        let asked = Some(Duration::from_secs(2));
        assert_eq!(RetryPolicy::default().wait(1, asked, &mut Rng::with_seed(1)), Duration::from_secs(2));
    }
}
