//! The latencies of a source's last responses, for the 95th percentile and the median.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many responses are remembered.
const WINDOW: usize = 128;
/// How many responses are needed for the median.
const ENOUGH_FOR_MEDIAN: usize = 20;
/// How many responses are needed for the 95th percentile: of fewer, it is one of the few slowest.
const ENOUGH_FOR_P95: usize = 100;

/// The latencies of a source's last 128 responses, each rounded down to a microsecond, shared by all requests of a plan.
#[derive(Debug, Default)]
pub struct Latency(Mutex<Samples>);

/// The last latencies in microseconds, in two orders. They are sorted when they arrive, because they are read more often: staggered
/// mode reads the 95th percentile each time that its loop wakes up, and a race reads the median of each loser.
#[derive(Debug, Default)]
struct Samples {
    /// In the order of arrival, in a ring: `next` is the oldest one as soon as the ring is full.
    arrived: Vec<u32>,
    next: usize,
    /// The same values, the smallest one first.
    sorted: Vec<u32>,
}

impl Samples {
    fn add(&mut self, sample: u32) {
        match self.arrived.get_mut(self.next) {
            None => {
                self.arrived.push(sample);
                self.sorted.insert(self.place(sample), sample);
            }
            Some(oldest) => {
                let oldest = std::mem::replace(oldest, sample);
                self.replace(oldest, sample);
            }
        }
        self.next = (self.next + 1) % WINDOW;
    }

    /// Replaces one of the sorted values. Only the values between the old and the new place move.
    fn replace(&mut self, old: u32, new: u32) {
        let (from, to) = (self.place(old), self.place(new));
        let place = if from < to {
            self.sorted.copy_within(from + 1..to, from);
            to - 1
        } else {
            self.sorted.copy_within(to..from, to + 1);
            to
        };
        if let Some(value) = self.sorted.get_mut(place) {
            *value = new;
        }
    }

    /// The number of values that are smaller.
    fn place(&self, sample: u32) -> usize {
        self.sorted.partition_point(|other| *other < sample)
    }

    /// The value that `percent` of all values do not exceed; `None` if there are fewer than `enough`.
    fn quantile(&self, percent: usize, enough: usize) -> Option<Duration> {
        let count = self.sorted.len();
        let index = (count >= enough).then(|| (count * percent / 100).min(count - 1))?;
        self.sorted.get(index).map(|micros| Duration::from_micros(u64::from(*micros)))
    }
}

impl Latency {
    /// Adds the latency of one response.
    pub fn record(&self, latency: Duration) {
        self.samples().add(micros(latency));
    }

    /// Adds a response that did not arrive within this time. It counts only if it is slower than the median, because otherwise
    /// it shows nothing.
    pub(crate) fn record_at_least(&self, latency: Duration) {
        let mut samples = self.samples();
        if samples.quantile(50, ENOUGH_FOR_MEDIAN).is_none_or(|median| latency > median) {
            samples.add(micros(latency));
        }
    }

    /// The 95th percentile of the last responses; `None` while there are fewer than 100.
    pub fn p95(&self) -> Option<Duration> {
        self.samples().quantile(95, ENOUGH_FOR_P95)
    }

    /// The median of the last responses; `None` while there are fewer than twenty.
    pub fn p50(&self) -> Option<Duration> {
        self.samples().quantile(50, ENOUGH_FOR_MEDIAN)
    }

    fn samples(&self) -> MutexGuard<'_, Samples> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A latency as it is kept. One of more than 71 minutes counts as one of 71 minutes.
fn micros(latency: Duration) -> u32 {
    u32::try_from(latency.as_micros()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

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

    /// The quantiles are those of the last responses, sorted, for any order of arrival.
    #[test]
    fn the_quantiles_are_those_of_the_last_128_responses() {
        for (seed, most) in [(1, 3), (2, 200), (3, 1_000_000)] {
            let (latency, mut rng) = (Latency::default(), Rng::with_seed(seed));
            let mut all = Vec::new();
            for count in 1..=400_usize {
                let sample = Duration::from_micros(rng.u64(..most));
                latency.record(sample);
                all.push(sample);
                let mut last = all[count.saturating_sub(WINDOW)..].to_vec();
                last.sort_unstable();
                let expected = |percent: usize, enough| (count >= enough).then(|| last[last.len() * percent / 100]);
                let found = (latency.p50(), latency.p95());
                assert_eq!(found, (expected(50, 20), expected(95, 100)), "{count} of up to {most} us");
            }
        }
    }
}
