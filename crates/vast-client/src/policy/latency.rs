//! The latencies of a source's last responses, for the 95th percentile and the median.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many responses are remembered.
const WINDOW: usize = 128;
/// How many responses are needed for the median.
const ENOUGH_FOR_MEDIAN: usize = 20;
/// How many responses are needed for the 95th percentile: of fewer, it is one of the few slowest.
const ENOUGH_FOR_P95: usize = 100;

/// The latencies of a source's last responses, shared by all requests of a plan.
#[derive(Debug, Default)]
pub struct Latency(Mutex<Ring>);

#[derive(Debug, Default)]
struct Ring {
    samples: Vec<Duration>,
    next: usize,
}

impl Latency {
    /// Adds the latency of one response.
    pub fn record(&self, latency: Duration) {
        let mut ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = ring.next;
        if ring.samples.len() < WINDOW {
            ring.samples.push(latency);
        } else if let Some(oldest) = ring.samples.get_mut(next) {
            *oldest = latency;
        }
        ring.next = (next + 1) % WINDOW;
    }

    /// Adds a response that did not arrive within this time. It counts only if it is slower than the median, because otherwise
    /// it shows nothing.
    pub(crate) fn record_at_least(&self, latency: Duration) {
        if self.p50().is_none_or(|median| latency > median) {
            self.record(latency);
        }
    }

    /// The 95th percentile of the last responses; `None` while there are fewer than 100.
    pub fn p95(&self) -> Option<Duration> {
        self.quantile(95, ENOUGH_FOR_P95)
    }

    /// The median of the last responses; `None` while there are fewer than twenty.
    pub fn p50(&self) -> Option<Duration> {
        self.quantile(50, ENOUGH_FOR_MEDIAN)
    }

    fn quantile(&self, percent: usize, enough: usize) -> Option<Duration> {
        let ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ring.samples.len() < enough {
            return None;
        }
        let mut samples = ring.samples.clone();
        drop(ring);
        let index = (samples.len() * percent / 100).min(samples.len() - 1);
        Some(*samples.select_nth_unstable(index).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_that_was_not_awaited_counts_if_it_is_slower_than_the_median() {
        let latency = Latency::default();
        (0..100).for_each(|_| latency.record(Duration::from_millis(100)));
        (0..200).for_each(|_| latency.record_at_least(Duration::from_millis(20)));
        assert_eq!(
            latency.p95(),
            Some(Duration::from_millis(100)),
            "a race that another source won early shows nothing"
        );
        (0..10).for_each(|_| latency.record_at_least(Duration::from_millis(700)));
        assert_eq!(latency.p95(), Some(Duration::from_millis(700)));
    }
}
