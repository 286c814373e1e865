//! The counters of the gateway. Those of its sources are in the plans of the placements.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use vast_client::stats::HistogramRecorder;

use crate::outcome::{AnswerOutcome, HitEnd, ShedReason};

/// The number of names of parameters that are counted. Callers choose these names.
const MOST_NAMES: usize = 50;
/// The longest name that is kept, in bytes.
const LONGEST_NAME: usize = 64;

/// A counter. No other memory depends on its value, so the order in which threads see it does not matter.
#[derive(Debug, Default)]
pub(crate) struct EventCounter(AtomicU64);

impl EventCounter {
    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The answers of a placement by their outcome, and how long they took.
#[derive(Debug, Default)]
pub(crate) struct PlacementCounters {
    outcomes: [EventCounter; AnswerOutcome::ALL.len()],
    pub(crate) duration: HistogramRecorder,
    /// Gets the answers when the last configuration with the placement and the last request to it are gone.
    removed: Arc<RemovedPlacements>,
}

/// The answers of the placements that a reload has removed.
#[derive(Debug, Default)]
pub(crate) struct RemovedPlacements {
    answers: EventCounter,
    filled: EventCounter,
}

impl RemovedPlacements {
    /// How many answers there were, and how many of them had an ad.
    pub(crate) fn answers(&self) -> AnswerSum {
        AnswerSum { answers: self.answers.get(), filled: self.filled.get() }
    }
}

/// How many answers placements gave.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AnswerSum {
    pub(crate) answers: u64,
    /// Those with an ad.
    pub(crate) filled: u64,
}

impl AddAssign for AnswerSum {
    fn add_assign(&mut self, other: Self) {
        self.answers += other.answers;
        self.filled += other.filled;
    }
}

impl PlacementCounters {
    /// The counters of a new placement.
    pub(crate) fn new(removed: &Arc<RemovedPlacements>) -> Self {
        Self { outcomes: Default::default(), duration: HistogramRecorder::default(), removed: Arc::clone(removed) }
    }

    /// All answers. A request whose caller went away has none.
    pub(crate) fn answers(&self) -> AnswerSum {
        let mut sum = AnswerSum::default();
        for (outcome, count) in self.outcomes().filter(|(outcome, _)| *outcome != AnswerOutcome::Cancelled) {
            sum.answers += count;
            sum.filled += if outcome == AnswerOutcome::Filled { count } else { 0 };
        }
        sum
    }

    pub(crate) fn count(&self, outcome: AnswerOutcome) {
        if let Some(counter) = self.outcomes.get(outcome as usize) {
            counter.add_one();
        }
    }

    /// Each outcome with its number.
    pub(crate) fn outcomes(&self) -> impl Iterator<Item = (AnswerOutcome, u64)> {
        AnswerOutcome::ALL.iter().copied().zip(self.outcomes.iter().map(EventCounter::get))
    }
}

impl Drop for PlacementCounters {
    fn drop(&mut self) {
        let AnswerSum { answers, filled } = self.answers();
        self.removed.answers.add(answers);
        self.removed.filled.add(filled);
    }
}

/// Counts one answer. If it is dropped before, because the caller has closed the connection, the request is counted as cancelled.
pub(crate) struct AnswerCount {
    counters: Arc<PlacementCounters>,
    began: Instant,
    is_counted: bool,
}

impl AnswerCount {
    /// Begins to count a request that arrived at `began`.
    pub(crate) fn begin(counters: &Arc<PlacementCounters>, began: Instant) -> Self {
        Self { counters: Arc::clone(counters), began, is_counted: false }
    }

    /// Counts the answer. Gives the time that it took.
    pub(crate) fn finish(mut self, outcome: AnswerOutcome) -> Duration {
        self.is_counted = true;
        self.counters.count(outcome);
        let elapsed = self.began.elapsed();
        self.counters.duration.record(elapsed);
        elapsed
    }
}

impl Drop for AnswerCount {
    fn drop(&mut self) {
        if !self.is_counted {
            self.counters.count(AnswerOutcome::Cancelled);
        }
    }
}

/// Whole milliseconds, for the log.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The events of answers that were sealed and came back.
#[derive(Debug, Default)]
pub(crate) struct BeaconCounters {
    ends: [EventCounter; HitEnd::ALL.len()],
    /// Events that a program without a viewer reported.
    pub(crate) robots: EventCounter,
    sealed: EventCounter,
    direct: EventCounter,
}

impl BeaconCounters {
    pub(crate) fn hit(&self, end: HitEnd) {
        if let Some(counter) = self.ends.get(end as usize) {
            counter.add_one();
        }
    }

    /// Each end with its number.
    pub(crate) fn hits(&self) -> impl Iterator<Item = (HitEnd, u64)> {
        HitEnd::ALL.iter().copied().zip(self.ends.iter().map(EventCounter::get))
    }

    /// Counts the URLs that were written in place of trackers: sealed ones, and trackers that cannot be sealed.
    pub(crate) fn written(&self, sealed: usize, direct: usize) {
        (0..sealed).for_each(|_| self.sealed.add_one());
        (0..direct).for_each(|_| self.direct.add_one());
    }

    /// The sealed URLs, and the trackers that could not be sealed.
    pub(crate) fn urls(&self) -> [(&'static str, u64); 2] {
        [("sealed", self.sealed.get()), ("direct", self.direct.get())]
    }
}

/// The counters that belong to no placement.
#[derive(Debug, Default)]
pub(crate) struct ServerCounters {
    /// The answers to requests without a placement: its name is unknown, or the route has none.
    pub(crate) unplaced: Arc<PlacementCounters>,
    shed: [EventCounter; ShedReason::ALL.len()],
    /// Consent parameters that could not be read, and were left out.
    pub(crate) unreadable_consent: EventCounter,
    /// Macros of callers that the placement does not accept, or that are too long.
    pub(crate) ignored_macros: EventCounter,
    pub(crate) beacons: BeaconCounters,
    /// Configurations that were read and could not be used.
    pub(crate) failed_reloads: EventCounter,
    unknown_parameters: Mutex<BTreeMap<String, u64>>,
}

impl ServerCounters {
    pub(crate) fn shed(&self, reason: ShedReason) {
        if let Some(counter) = self.shed.get(reason as usize) {
            counter.add_one();
        }
    }

    /// Each reason with its number.
    pub(crate) fn shed_by_reason(&self) -> impl Iterator<Item = (ShedReason, u64)> {
        ShedReason::ALL.iter().copied().zip(self.shed.iter().map(EventCounter::get))
    }

    /// Counts a parameter that has no effect.
    pub(crate) fn unknown_parameter(&self, name: &str) {
        let mut names = self.unknown_parameters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = names.get_mut(name) {
            *count += 1;
        } else if names.len() < MOST_NAMES && name.len() <= LONGEST_NAME {
            names.insert(name.to_owned(), 1);
        }
    }

    /// The parameters that have no effect, with their numbers.
    pub(crate) fn unknown_parameters(&self) -> BTreeMap<String, u64> {
        self.unknown_parameters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_of_a_removed_placement_are_kept() {
        let removed = Arc::<RemovedPlacements>::default();
        for (round, outcomes) in
            [(1, [AnswerOutcome::Filled, AnswerOutcome::NoAd]), (2, [AnswerOutcome::Cancelled, AnswerOutcome::Filled])]
        {
            let placement = Arc::new(PlacementCounters::new(&removed));
            let last = Arc::clone(&placement);
            outcomes.into_iter().for_each(|outcome| placement.count(outcome));
            drop(placement);
            assert_eq!(removed.answers().filled, round - 1, "a request goes on");
            drop(last);
            assert_eq!(removed.answers().filled, round);
        }
        assert_eq!(removed.answers(), AnswerSum { answers: 3, filled: 2 });
    }
}
