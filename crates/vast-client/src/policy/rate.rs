//! How often a source may be asked per second.

use std::time::Duration;

use tokio::time::Instant;

/// The token bucket of a rate. It holds what is permitted in one second, and at least one request.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct RateBucket {
    /// The tokens that were taken and not filled in since, and the time of the last change; `None` for a full bucket.
    taken: Option<(f64, Instant)>,
}

impl RateBucket {
    /// Whether a request is permitted now. It takes no token.
    pub(crate) fn has_token(&self, rate: f64, now: Instant) -> bool {
        self.missing(rate, now) + 1.0 <= rate.max(1.0)
    }

    /// Takes the token of one request, if there is one.
    pub(crate) fn take(&mut self, rate: f64, now: Instant) -> bool {
        let has_token = self.has_token(rate, now);
        if has_token {
            self.taken = Some((self.missing(rate, now) + 1.0, now));
        }
        has_token
    }

    /// The tokens that are missing from a full bucket.
    fn missing(&self, rate: f64, now: Instant) -> f64 {
        let Some((taken, at)) = self.taken else { return 0.0 };
        let since: Duration = now.saturating_duration_since(at);
        (taken - since.as_secs_f64() * rate).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_the_requests_of_the_rate_and_the_burst_before_it() {
        // The rate, the requests that are permitted at the start, and those that are permitted in the next ten seconds.
        for (rate, burst, later) in [(1.0, 1, 10), (10.0, 10, 100), (2.5, 2, 25), (0.5, 1, 5)] {
            let (began, mut bucket) = (Instant::now(), RateBucket::default());
            let at_once = (0..100).filter(|_| bucket.take(rate, began)).count();
            assert_eq!(at_once, burst, "rate {rate}");
            let millis = (1..=10_000).map(|millis| began + Duration::from_millis(millis));
            let permitted = millis.filter(|now| bucket.take(rate, *now)).count();
            assert!(permitted.abs_diff(later) <= 1, "rate {rate}: {permitted}");
        }
    }

    #[test]
    fn a_bucket_never_holds_more_than_one_second() {
        let (began, mut bucket) = (Instant::now(), RateBucket::default());
        assert!(bucket.take(5.0, began));
        let later = began + Duration::from_secs(3600);
        assert_eq!((0..100).filter(|_| bucket.take(5.0, later)).count(), 5);
    }
}
