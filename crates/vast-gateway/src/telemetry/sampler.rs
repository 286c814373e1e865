//! Which traces are kept. It is decided when the request has ended: failures, the slowest, and a share of the rest.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use vast_client::stats::{Histogram, HistogramRecorder};

use crate::outcome::AnswerOutcome;

/// From how many requests the slowest share is computed at least.
const LEAST_REQUESTS: u64 = 100;

/// Decides which traces are kept.
#[derive(Debug)]
pub(super) struct TailSampler {
    /// The share of the slowest requests.
    slowest: f64,
    durations: HistogramRecorder,
    /// The durations until the limit was computed last.
    before: Mutex<Histogram>,
    /// A request that takes longer, in nanoseconds, is one of the slowest.
    slow_above: AtomicU64,
}

impl TailSampler {
    pub(super) fn new(slowest: f64) -> Self {
        let (durations, before) = (HistogramRecorder::default(), Mutex::default());
        // With a share of 1 every request is one of the slowest. Otherwise none is before the first limit is known.
        let slow_above = AtomicU64::new(if slowest >= 1.0 { 0 } else { u64::MAX });
        Self { slowest, durations, before, slow_above }
    }

    /// Whether the trace of a request is kept that was sampled before (`is_sampled`) or not, and ended so.
    pub(super) fn keeps(&self, is_sampled: bool, outcome: AnswerOutcome, elapsed: Duration) -> bool {
        self.durations.record(elapsed);
        let nanos = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        is_sampled || is_failure(outcome) || nanos > self.slow_above.load(Ordering::Relaxed)
    }

    /// Computes anew above which duration a request is one of the slowest, from the requests since the last time.
    pub(super) fn adapt(&self) {
        if self.slowest <= 0.0 || self.slowest >= 1.0 {
            return;
        }
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.durations.snapshot();
        let recent = now.difference(&before);
        if recent.count() < LEAST_REQUESTS {
            return;
        }
        if let Some(limit) = recent.quantile(1.0 - self.slowest) {
            self.slow_above.store(u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        *before = now;
    }
}

/// Whether the request failed: its trace is always kept. What a caller did wrong and what was shed is no failure; there may be any
/// number of those.
pub(super) fn is_failure(outcome: AnswerOutcome) -> bool {
    matches!(outcome, AnswerOutcome::Failed | AnswerOutcome::Timeout | AnswerOutcome::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_and_sampled_requests_are_kept_and_then_the_slowest() {
        let millis = Duration::from_millis;
        let sampler = TailSampler::new(0.1);
        for (is_sampled, outcome, is_kept) in [
            (true, AnswerOutcome::Filled, true),
            (false, AnswerOutcome::Failed, true),
            (false, AnswerOutcome::Timeout, true),
            (false, AnswerOutcome::Internal, true),
            (false, AnswerOutcome::Filled, false),
            (false, AnswerOutcome::NoAd, false),
            (false, AnswerOutcome::Shed, false),
        ] {
            assert_eq!(sampler.keeps(is_sampled, outcome, millis(900)), is_kept, "{is_sampled} {outcome:?}");
        }
        let keeps = |time| sampler.keeps(false, AnswerOutcome::Filled, millis(time));
        sampler.adapt();
        assert!(!keeps(900), "too few requests are known");
        (1..=100).for_each(|time| assert!(!keeps(time)));
        sampler.adapt();
        // 100 requests of 1 to 100 ms, and eight of 900 ms.
        assert!(!keeps(95) && keeps(110) && keeps(900));
        // Since then there were three requests only, so the limit stays.
        sampler.adapt();
        assert!(!keeps(95) && keeps(110));
    }

    #[test]
    fn a_share_of_all_or_none_needs_no_limit() {
        for (slowest, is_kept) in [(0.0, false), (1.0, true)] {
            let sampler = TailSampler::new(slowest);
            for _ in 0..LEAST_REQUESTS {
                assert_eq!(sampler.keeps(false, AnswerOutcome::NoAd, Duration::from_millis(1)), is_kept);
            }
            sampler.adapt();
            assert_eq!(sampler.keeps(false, AnswerOutcome::NoAd, Duration::from_secs(1)), is_kept);
        }
    }
}
