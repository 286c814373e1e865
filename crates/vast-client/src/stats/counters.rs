//! The counters: atomics that the requests of a plan add to, and that a snapshot reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::histogram::HistogramRecorder;
use super::snapshot::{ArmStats, RequestStats, SourceStats, Tally};
use crate::error::ErrorType;
use crate::journal::{EndReason, Outcome, SkipReason};

/// A counter. No other memory depends on its value, so the order in which threads see it does not matter.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counters for the kinds of a closed set, in the order of the set.
#[derive(Debug)]
struct CountersOf<const N: usize>([Counter; N]);

impl<const N: usize> Default for CountersOf<N> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Counter::default()))
    }
}

impl<const N: usize> CountersOf<N> {
    fn count(&self, kind: usize) {
        if let Some(counter) = self.0.get(kind) {
            counter.add(1);
        }
    }

    fn tally<K: Copy>(&self, kinds: &[K]) -> Tally<K> {
        kinds.iter().copied().zip(self.0.iter().map(Counter::get)).collect()
    }
}

/// The counters of the requests of a plan.
#[derive(Debug, Default)]
pub(crate) struct RequestCounters {
    filled: Counter,
    unfilled: Counter,
    cancelled: Counter,
    latency: HistogramRecorder,
}

impl RequestCounters {
    /// Counts a request with an answer.
    pub(super) fn answered(&self, is_filled: bool, elapsed: Duration) {
        if is_filled { &self.filled } else { &self.unfilled }.add(1);
        self.latency.record(elapsed);
    }

    /// Counts a request that the caller dropped.
    pub(super) fn dropped(&self) {
        self.cancelled.add(1);
    }

    /// The numbers so far.
    pub(crate) fn snapshot(&self) -> RequestStats {
        let Self { filled, unfilled, cancelled, latency } = self;
        RequestStats {
            filled: filled.get(),
            unfilled: unfilled.get(),
            cancelled: cancelled.get(),
            latency: latency.snapshot(),
        }
    }
}

/// The counters of an arm.
#[derive(Debug, Default)]
pub(crate) struct ArmCounters {
    pub(super) requests: RequestCounters,
    failed: CountersOf<{ ErrorType::ALL.len() }>,
    /// Requests in which at least one source failed.
    pub(super) with_errors: Counter,
}

impl ArmCounters {
    /// Counts a source that failed.
    pub(super) fn source_failed(&self, reason: Option<&EndReason>) {
        self.failed.count(error_type(reason) as usize);
    }

    /// The numbers so far, with the name of the arm.
    pub(crate) fn snapshot(&self, name: &Arc<str>) -> ArmStats {
        let Self { requests, failed, with_errors } = self;
        ArmStats {
            name: Arc::clone(name),
            requests: requests.snapshot(),
            failed: failed.tally(ErrorType::ALL),
            requests_with_errors: with_errors.get(),
        }
    }
}

/// The type of the failure with which a lane ended.
fn error_type(reason: Option<&EndReason>) -> ErrorType {
    match reason {
        Some(EndReason::Failure(failure)) => failure.error_type,
        _ => ErrorType::Internal,
    }
}

/// The counters of a source. Their number is fixed, whatever the source answers.
#[derive(Debug, Default)]
pub(crate) struct SourceCounters {
    filled: Counter,
    no_ad: Counter,
    rejected: Counter,
    failed: CountersOf<{ ErrorType::ALL.len() }>,
    unread: Counter,
    cancelled: Counter,
    skipped: CountersOf<{ SkipReason::ALL.len() }>,
    not_started: Counter,
    ejections: Counter,
    pub(super) wins: Counter,
    pub(super) attempts: Counter,
    pub(super) followed_attempts: Counter,
    pub(super) retries: Counter,
    pub(super) bytes: Counter,
    pub(super) followed_bytes: Counter,
    pub(super) cache_hits: Counter,
    pub(super) latency: HistogramRecorder,
    pub(super) fetch: HistogramRecorder,
    pub(super) parse: HistogramRecorder,
    pub(super) resolve: HistogramRecorder,
}

impl SourceCounters {
    /// Counts an ejection of the source by its circuit breaker.
    pub(crate) fn ejected(&self) {
        self.ejections.add(1);
    }

    /// Counts how a lane of the source ended.
    pub(super) fn ended(&self, outcome: Outcome, reason: Option<&EndReason>) {
        let counter = match (outcome, reason) {
            (Outcome::Filled, _) => &self.filled,
            (Outcome::NoAd, _) => &self.no_ad,
            (Outcome::Rejected, _) => &self.rejected,
            (Outcome::Failed, reason) => return self.failed.count(error_type(reason) as usize),
            (Outcome::Cancelled, Some(EndReason::OtherSourceWon)) => &self.unread,
            (Outcome::Cancelled, _) => &self.cancelled,
            (Outcome::Skipped, Some(EndReason::Skipped(reason))) => return self.skipped.count(*reason as usize),
            (Outcome::Skipped | Outcome::NotStarted, _) => &self.not_started,
        };
        counter.add(1);
    }

    /// The numbers so far, with the name of the source.
    pub(crate) fn snapshot(&self, name: &Arc<str>) -> SourceStats {
        SourceStats {
            name: Arc::clone(name),
            filled: self.filled.get(),
            no_ad: self.no_ad.get(),
            rejected: self.rejected.get(),
            failed: self.failed.tally(ErrorType::ALL),
            unread: self.unread.get(),
            cancelled: self.cancelled.get(),
            skipped: self.skipped.tally(SkipReason::ALL),
            not_started: self.not_started.get(),
            breaker: None,
            ejections: self.ejections.get(),
            wins: self.wins.get(),
            attempts: self.attempts.get(),
            followed_attempts: self.followed_attempts.get(),
            retries: self.retries.get(),
            bytes: self.bytes.get(),
            followed_bytes: self.followed_bytes.get(),
            cache_hits: self.cache_hits.get(),
            latency: self.latency.snapshot(),
            fetch: self.fetch.snapshot(),
            parse: self.parse.snapshot(),
            resolve: self.resolve.snapshot(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Failure;

    #[test]
    fn every_outcome_counts_once() {
        let skipped = |reason| Some(EndReason::Skipped(reason));
        let failed = |error_type| Some(EndReason::Failure(Failure::new(error_type, "")));
        let counters = SourceCounters::default();
        let ends = [
            (Outcome::Filled, None),
            (Outcome::NoAd, failed(ErrorType::NoAd)),
            (Outcome::Rejected, failed(ErrorType::Filtered)),
            (Outcome::Failed, failed(ErrorType::Timeout)),
            (Outcome::Failed, failed(ErrorType::Timeout)),
            (Outcome::Failed, failed(ErrorType::Internal)),
            (Outcome::Cancelled, Some(EndReason::OtherSourceWon)),
            (Outcome::Cancelled, Some(EndReason::CallerStopped)),
            (Outcome::Skipped, skipped(SkipReason::NoTime)),
            (Outcome::Skipped, skipped(SkipReason::Consent)),
            (Outcome::NotStarted, None),
        ];
        for (outcome, reason) in &ends {
            counters.ended(*outcome, reason.as_ref());
        }
        let stats = counters.snapshot(&"east".into());
        let ones = [stats.filled, stats.no_ad, stats.rejected, stats.unread, stats.cancelled, stats.not_started];
        assert_eq!(ones, [1; 6]);
        assert_eq!(stats.failed.iter().collect::<Vec<_>>(), [(ErrorType::Timeout, 2), (ErrorType::Internal, 1)]);
        let skipped = [SkipReason::NoTime, SkipReason::Consent].map(|reason| stats.skipped.get(reason));
        assert_eq!((skipped, stats.skipped.total()), ([1, 1], 2));
        assert_eq!((stats.requests(), stats.answered(), stats.fill_rate()), (11, 6, Some(1.0 / 6.0)));
    }

    /// The counters of a closed set are found by the position of the kind.
    #[test]
    fn the_kinds_are_numbered_in_the_order_of_their_list() {
        assert!(ErrorType::ALL.iter().enumerate().all(|(number, kind)| *kind as usize == number));
        assert!(SkipReason::ALL.iter().enumerate().all(|(number, kind)| *kind as usize == number));
    }
}
