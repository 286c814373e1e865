//! How long requests took: counts per tenth of a millisecond, in memory that does not grow with the number of requests.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The width of a bucket.
const WIDTH: Duration = Duration::from_micros(100);
/// The last bucket has everything from 10 s.
const BUCKETS: usize = 100_000;

pub(super) struct Histogram(Vec<AtomicU32>);

impl Histogram {
    pub(super) fn new() -> Self {
        Self(std::iter::repeat_with(AtomicU32::default).take(BUCKETS).collect())
    }

    pub(super) fn add(&self, duration: Duration) {
        let bucket = (duration.as_nanos() / WIDTH.as_nanos()).min(BUCKETS as u128 - 1);
        self.0[bucket as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many durations were added.
    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|count| u64::from(count.load(Ordering::Relaxed))).sum()
    }

    /// The upper bound of the bucket that has this quantile, in milliseconds.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let wanted = (self.count() as f64 * share).ceil() as u64;
        let mut seen = 0;
        let bucket = self.0.iter().position(|count| {
            seen += u64::from(count.load(Ordering::Relaxed));
            seen >= wanted.max(1)
        });
        bucket.map_or(f64::NAN, |bucket| (bucket + 1) as f64 * WIDTH.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_the_bounds_of_their_buckets() {
        let histogram = Histogram::new();
        for milliseconds in 1..=100 {
            histogram.add(Duration::from_millis(milliseconds));
        }
        assert_eq!(histogram.count(), 100);
        let quantiles = [0.5, 0.99, 1.0].map(|share| histogram.quantile(share).round());
        assert_eq!(quantiles, [50.0, 99.0, 100.0]);
        assert!(Histogram::new().quantile(0.5).is_nan());
    }

    #[test]
    fn the_last_bucket_has_all_longer_durations() {
        let histogram = Histogram::new();
        histogram.add(Duration::from_secs(3_600));
        assert_eq!(histogram.quantile(0.5).round(), 10_000.0);
    }
}
