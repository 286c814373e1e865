//! Histograms of durations with fixed buckets: a recorder of atomics, and the value that a snapshot takes.
//!
//! The buckets are log-linear: 90 in each power of ten from 10 us to 100 s, and steps of 1 us below. Their bounds are round decimal
//! numbers, so the buckets that Prometheus gets are exact sums of them. No library is used: those that were looked at have neither
//! atomic counters nor decimal bounds.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::interval::quantile_ranks;

/// The buckets below 10 us, one for each microsecond.
const LINEAR: usize = 10;
/// The buckets of each power of ten.
const PER_DECADE: usize = 90;
/// The powers of ten from 10 us to 100 s.
const DECADES: usize = 7;
/// The bucket of durations above 100 s.
const OVERFLOW: usize = LINEAR + DECADES * PER_DECADE;
const BUCKETS: usize = OVERFLOW + 1;

/// The bucket of a duration. A bucket includes its upper bound and excludes its lower bound.
fn bucket_of(nanos: u64) -> usize {
    // The first two digits of the microseconds, and the power of ten that they are multiplied with. To divide by a constant in a loop
    // is faster than to compute the logarithm, a power and a division.
    let (mut digits, mut decade) = (nanos.saturating_sub(1) / 1_000, 0);
    while digits >= 10 * LINEAR as u64 {
        digits /= 10;
        decade += 1;
    }
    usize::try_from(digits).unwrap_or(OVERFLOW).saturating_add(decade * PER_DECADE).min(OVERFLOW)
}

/// A duration as the number that buckets are made for. Durations of more than 584 years count as 584 years.
pub(super) fn nanos_of(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(duration.subsec_nanos()))
}

/// The bounds of a bucket in nanoseconds; the bucket of the longest durations has no upper bound.
fn bounds_of(bucket: usize) -> (u64, Option<u64>) {
    if bucket >= OVERFLOW {
        return (100_000_000_000, None);
    }
    let (lower, step) = match bucket.checked_sub(LINEAR) {
        None => (bucket as u64, 1),
        Some(after) => {
            let step = (0..after / PER_DECADE).fold(1, |step, _| step * 10);
            ((after % PER_DECADE + LINEAR) as u64 * step, step)
        }
    };
    (lower * 1_000, Some((lower + step) * 1_000))
}

/// The buckets of a part of a recorder: a third of a power of ten. A source has durations in few of the parts.
const PER_PART: usize = 30;
/// The first part has fewer buckets than [`PER_PART`], so that each power of ten begins with a new part.
const BEFORE_FIRST: usize = PER_PART - LINEAR;
const PARTS: usize = (OVERFLOW + BEFORE_FIRST) / PER_PART + 1;

/// Counts durations. Several threads can record at the same time; no lock is taken. A recorder without durations needs 16 bytes, one
/// with durations 400 bytes and 240 bytes for each third of a power of ten in which it has some: at most 6 KiB.
#[derive(Debug, Default)]
pub struct HistogramRecorder(OnceLock<Box<Recorded>>);

type HistogramPart = [AtomicU64; PER_PART];

#[derive(Debug, Default)]
struct Recorded {
    /// The buckets. A part is allocated with its first duration.
    parts: [OnceLock<Box<HistogramPart>>; PARTS],
    sum_nanos: AtomicU64,
    max_nanos: AtomicU64,
}

impl HistogramRecorder {
    /// Counts one duration.
    pub fn record(&self, duration: Duration) {
        self.record_nanos(nanos_of(duration));
    }

    /// Counts a duration of this number of nanoseconds.
    pub(super) fn record_nanos(&self, nanos: u64) {
        let recorded = self.0.get_or_init(Box::default);
        let place = bucket_of(nanos) + BEFORE_FIRST;
        if let Some(part) = recorded.parts.get(place / PER_PART) {
            let part = part.get_or_init(|| Box::new(std::array::from_fn(|_| AtomicU64::new(0))));
            part[place % PER_PART].fetch_add(1, Ordering::Relaxed);
        }
        recorded.sum_nanos.fetch_add(nanos, Ordering::Relaxed);
        // Most durations are not the longest one, and a load is cheaper than an exchange.
        if nanos > recorded.max_nanos.load(Ordering::Relaxed) {
            recorded.max_nanos.fetch_max(nanos, Ordering::Relaxed);
        }
    }

    /// The durations that were counted so far.
    pub fn snapshot(&self) -> Histogram {
        let Some(recorded) = self.0.get() else { return Histogram::default() };
        let count =
            |part: Option<&HistogramPart>, place: usize| part.map_or(0, |part| part[place].load(Ordering::Relaxed));
        let parts = recorded.parts.iter().map(|part| part.get().map(|part| &**part));
        let places = parts.flat_map(|part| (0..PER_PART).map(move |place| count(part, place)));
        let mut counts: Vec<u64> = places.skip(BEFORE_FIRST).take(BUCKETS).collect();
        trim(&mut counts);
        let nanos = |value: &AtomicU64| Duration::from_nanos(value.load(Ordering::Relaxed));
        Histogram { counts, sum: nanos(&recorded.sum_nanos), max: nanos(&recorded.max_nanos) }
    }
}

/// Durations as counts of fixed buckets. Histograms can be added up and subtracted from each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// The counts, without the empty buckets at the end.
    counts: Vec<u64>,
    sum: Duration,
    max: Duration,
}

impl Histogram {
    /// The largest relative error of a [`quantile`](Self::quantile) from 10 us to 100 s.
    pub const ERROR: f64 = 0.05;

    /// Adds one duration.
    pub fn record(&mut self, duration: Duration) {
        let bucket = bucket_of(nanos_of(duration));
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
        }
        self.sum = self.sum.saturating_add(duration);
        self.max = self.max.max(duration);
    }

    /// The number of durations.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The sum of the durations.
    pub fn sum(&self) -> Duration {
        self.sum
    }

    /// The longest duration. After a [`difference`](Self::difference) it is only known up to the error of a quantile.
    pub fn max(&self) -> Option<Duration> {
        (!self.counts.is_empty()).then_some(self.max)
    }

    /// The mean; `None` without any duration.
    pub fn mean(&self) -> Option<Duration> {
        let count = self.count();
        // The sum is at its end if the mean is too long.
        let mean = || Duration::try_from_secs_f64(self.sum.as_secs_f64() / count as f64).unwrap_or(self.sum);
        (count > 0).then(mean)
    }

    /// The duration that a share of `q` of all durations does not exceed, for example 0.5 for the median; `None` without any
    /// duration. It differs from the exact value by at most [`ERROR`](Self::ERROR); below 10 us by at most 0.5 us, and above
    /// 100 s it is the longest duration.
    pub fn quantile(&self, q: f64) -> Option<Duration> {
        let count = self.count();
        // At least the first duration, also for `q` = 0 and for a `q` that is not a number.
        self.of_rank(((q.clamp(0.0, 1.0) * count as f64).ceil() as u64).clamp(1, count.max(1)))
    }

    /// The 95 percent confidence interval of a [`quantile`](Self::quantile); `None` without any duration. It holds for any
    /// distribution of the durations. If the intervals of two arms overlap, their difference may be chance.
    pub fn quantile_interval(&self, q: f64) -> Option<(Duration, Duration)> {
        let (low, high) = quantile_ranks(self.count(), q.clamp(0.0, 1.0))?;
        Some((self.of_rank(low)?, self.of_rank(high)?))
    }

    /// The duration of this rank, from 1, among all durations.
    fn of_rank(&self, rank: u64) -> Option<Duration> {
        let mut seen = 0;
        let bucket = self.counts.iter().position(|count| {
            seen += count;
            seen >= rank
        })?;
        Some(self.middle(bucket))
    }

    /// The number of durations that are not longer than `bound`. It is exact for a bound with at most two significant digits
    /// between 10 us and 100 s; for another bound, the durations of its bucket do not count.
    pub fn count_up_to(&self, bound: Duration) -> u64 {
        let nanos = nanos_of(bound);
        let bucket = bucket_of(nanos);
        let is_upper_bound = bounds_of(bucket).1 == Some(nanos);
        self.counts.iter().take(bucket + usize::from(is_upper_bound)).sum()
    }

    /// The buckets that are not empty: the upper bound and the number of durations. Durations above 100 s have no bound.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<Duration>, u64)> {
        let counts = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        counts.map(|(bucket, count)| (bounds_of(bucket).1.map(Duration::from_nanos), *count))
    }

    /// The middles of the buckets that are not empty, each with the number of its durations.
    #[cfg(feature = "metrics")]
    pub(super) fn middles(&self) -> impl Iterator<Item = (Duration, u64)> {
        let counts = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        counts.map(|(bucket, count)| (self.middle(bucket), *count))
    }

    /// The duration that stands for all durations of a bucket.
    fn middle(&self, bucket: usize) -> Duration {
        match bounds_of(bucket) {
            (lower, Some(upper)) => Duration::from_nanos(lower.midpoint(upper)).min(self.max),
            (_, None) => self.max,
        }
    }

    /// Adds the durations of another histogram.
    pub fn merge(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count = count.saturating_add(*more));
        self.sum = self.sum.saturating_add(other.sum);
        self.max = self.max.max(other.max);
    }

    /// The durations that were added since `older`, an earlier state of the same histogram.
    #[must_use]
    pub fn difference(&self, older: &Self) -> Self {
        let before = older.counts.iter().copied().chain(std::iter::repeat(0));
        let mut counts: Vec<u64> =
            self.counts.iter().zip(before).map(|(count, before)| count.saturating_sub(before)).collect();
        trim(&mut counts);
        let last = counts.len().checked_sub(1).map(|last| bounds_of(last).1);
        let max = match last {
            None => Duration::ZERO,
            Some(None) => self.max,
            Some(Some(upper)) => Duration::from_nanos(upper).min(self.max),
        };
        Self { counts, sum: self.sum.saturating_sub(older.sum), max }
    }
}

fn trim(counts: &mut Vec<u64>) {
    let used = counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
    counts.truncate(used);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(micros: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        micros.iter().for_each(|micros| histogram.record(Duration::from_micros(*micros)));
        histogram
    }

    #[test]
    fn the_mean_of_the_longest_durations_is_a_duration() {
        for durations in [&[Duration::MAX][..], &[Duration::MAX; 2]] {
            let mut histogram = Histogram::default();
            durations.iter().for_each(|duration| histogram.record(*duration));
            assert!(histogram.mean().is_some_and(|mean| mean >= Duration::MAX / 3), "{histogram:?}");
        }
    }

    #[test]
    fn the_buckets_follow_each_other_and_include_their_upper_bound() {
        let mut end = 0;
        for bucket in 0..OVERFLOW {
            let (lower, upper) = bounds_of(bucket);
            let upper = upper.expect("an upper bound");
            assert_eq!(lower, end, "{bucket}");
            assert_eq!((bucket_of(lower + 1), bucket_of(upper)), (bucket, bucket));
            end = upper;
        }
        assert_eq!((bucket_of(0), bucket_of(end + 1), bucket_of(u64::MAX)), (0, OVERFLOW, OVERFLOW));
    }

    #[test]
    fn quantiles_of_known_durations() {
        let cases: [(&[u64], f64, Option<u64>); 8] = [
            (&[], 0.5, None),
            (&[7_000], 0.0, Some(6_950)),
            (&[7_000], f64::NAN, Some(6_950)),
            (&[1_000, 2_000, 3_000, 4_000], 0.5, Some(1_950)),
            (&[1_000, 2_000, 3_000, 4_000], 0.51, Some(2_950)),
            (&[1_000, 2_000, 3_000, 4_000], 1.0, Some(3_950)),
            (&[500_000_000, 1], 1.0, Some(500_000_000)),
            (&[12_010], 0.5, Some(12_010)),
        ];
        for (micros, q, expected) in cases {
            assert_eq!(of(micros).quantile(q), expected.map(Duration::from_micros), "{micros:?} {q}");
        }
    }

    #[test]
    fn a_bound_counts_the_buckets_that_end_at_or_before_it() {
        let mut histogram = Histogram::default();
        let uppers: Vec<u64> = (0..OVERFLOW).filter_map(|bucket| bounds_of(bucket).1).collect();
        uppers.iter().for_each(|upper| histogram.record(Duration::from_nanos(*upper)));
        for (before, upper) in (0_u64..).zip(uppers) {
            let counted = [upper - 1, upper, upper + 1].map(|nanos| histogram.count_up_to(Duration::from_nanos(nanos)));
            assert_eq!(counted, [before, before + 1, before + 1], "{upper}");
        }
        assert_eq!(histogram.count_up_to(Duration::MAX), OVERFLOW as u64);
    }

    #[test]
    fn counts_up_to_a_round_bound_are_exact() {
        let histogram = of(&[2_500, 2_501, 10_000, 200_000_000]);
        let counts = [2_499, 2_500, 5_000, 10_000, 100_000_000].map(Duration::from_micros);
        assert_eq!(counts.map(|bound| histogram.count_up_to(bound)), [0, 1, 2, 3, 3]);
        assert_eq!(histogram.buckets().last(), Some((None, 1)));
    }

    #[test]
    fn a_difference_has_only_what_came_after() {
        let (older, newer) = (of(&[50_000, 90]), of(&[50_000, 90, 20_000, 20_000]));
        let difference = newer.difference(&older);
        assert_eq!((difference.count(), difference.sum()), (2, Duration::from_millis(40)));
        assert_eq!(difference.max(), Some(Duration::from_millis(20)));
        assert_eq!(newer.difference(&newer), Histogram::default());
    }

    #[test]
    fn the_recorder_counts_what_several_threads_record() {
        let recorder = HistogramRecorder::default();
        assert_eq!(recorder.snapshot(), Histogram::default());
        std::thread::scope(|scope| {
            for thread in 0..4_u64 {
                let recorder = &recorder;
                scope
                    .spawn(move || (0..1_000).for_each(|i| recorder.record(Duration::from_micros(thread * 1_000 + i))));
            }
        });
        assert_eq!(recorder.snapshot(), of(&(0..4_000).collect::<Vec<_>>()));
    }

    proptest! {
        #[test]
        fn a_quantile_is_within_the_stated_error(
            mut micros in proptest::collection::vec(10_u64..100_000_000, 1..200),
            q in 0.0..=1.0_f64,
        ) {
            let found = of(&micros).quantile(q).expect("durations").as_secs_f64();
            micros.sort_unstable();
            let rank = ((q * micros.len() as f64).ceil() as usize).max(1);
            let exact = micros[rank - 1] as f64 / 1e6;
            prop_assert!((found - exact).abs() <= exact * Histogram::ERROR + 1e-9, "{found} {exact}");
        }

        #[test]
        fn merged_histograms_count_like_one(
            one in proptest::collection::vec(0_u64..200_000_000, 0..50),
            other in proptest::collection::vec(0_u64..200_000_000, 0..50),
        ) {
            let mut merged = of(&one);
            merged.merge(&of(&other));
            let both = of(&[one, other].concat());
            prop_assert_eq!(&merged, &both);
        }
    }
}
