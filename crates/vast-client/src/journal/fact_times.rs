//! The times of the facts of a recorded request. Its exact replay takes other times, and gives these to its facts.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::fact::Fact;

/// The recorded times of a journal.
#[derive(Debug, Default)]
pub(crate) struct FactTimes {
    elapsed: Duration,
    lanes: HashMap<usize, LaneTimes>,
}

/// The recorded times of one lane.
#[derive(Debug, Default)]
struct LaneTimes {
    /// The time of the last fact that was taken.
    last: Option<Duration>,
    /// The names and times of the facts that were not taken yet, in order.
    left: VecDeque<(String, Duration)>,
}

impl FactTimes {
    /// The times of a request or break that took `elapsed`, without facts.
    #[cfg(feature = "replay")]
    pub(crate) fn new(elapsed: Duration) -> Self {
        Self { elapsed, lanes: HashMap::new() }
    }

    /// Adds the next fact of `lane`.
    #[cfg(feature = "replay")]
    pub(crate) fn push(&mut self, lane: usize, name: &str, at: Duration) {
        self.lanes.entry(lane).or_default().left.push_back((name.to_owned(), at));
    }

    /// How long the request or the break took.
    pub(super) fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The time of the next fact of `lane`; after the last fact its time; `None` for a lane without facts.
    pub(super) fn next(&self, lane: usize) -> Option<Duration> {
        let times = self.lanes.get(&lane)?;
        times.left.front().map(|(_, at)| *at).or(times.last)
    }

    /// Takes the time of `fact` of `lane`; `None` if the recording has another fact here.
    pub(super) fn take(&mut self, lane: usize, fact: &Fact) -> Option<Duration> {
        let times = self.lanes.get_mut(&lane)?;
        times.left.front().filter(|(name, _)| *name == fact.name())?;
        let (_, at) = times.left.pop_front()?;
        times.last = Some(at);
        Some(at)
    }
}
