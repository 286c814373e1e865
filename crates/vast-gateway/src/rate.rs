//! Rate limits that many threads share without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A rate limiter: the generic cell rate algorithm (ITU-T I.371). It is one number, so 200,000 clients need little memory.
#[derive(Debug, Default)]
pub(crate) struct RateLimiter {
    /// The time at which the bucket is full again, in nanoseconds.
    full_at: AtomicU64,
}

impl RateLimiter {
    /// Takes the token of one request at the time `now`, if there is one. `rate` is tokens per second, `burst` the tokens of a full
    /// bucket.
    pub(crate) fn take(&self, rate: f64, burst: f64, now: Duration) -> bool {
        let now = nanos(now);
        let nanos_of = |seconds: f64| nanos(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
        let interval = nanos_of(1.0 / rate.max(1e-6));
        let tolerance = nanos_of((burst.max(1.0) - 1.0) / rate.max(1e-6));
        let taken = self.full_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_at| {
            let start = full_at.max(now);
            (start - now <= tolerance).then(|| start.saturating_add(interval))
        });
        taken.is_ok()
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_permitted_and_then_the_rate() {
        // The rate, the burst, the requests at once in the beginning, those of the next ten seconds together.
        for (rate, burst, at_once, later) in
            [(1.0, 1.0, 1, 10), (20.0, 40.0, 40, 200), (2.5, 5.0, 5, 25), (0.5, 1.0, 1, 5)]
        {
            let limiter = RateLimiter::default();
            let began = Duration::from_secs(7);
            let permitted = (0..100).filter(|_| limiter.take(rate, burst, began)).count();
            assert_eq!(permitted, at_once, "rate {rate}");
            let times = (1..=10_000_u64).map(|millis| began + Duration::from_millis(millis));
            let permitted = times.filter(|now| limiter.take(rate, burst, *now)).count();
            assert!(permitted.abs_diff(later) <= 1, "rate {rate}: {permitted}");
        }
    }
}
