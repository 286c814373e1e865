//! The times of the facts of a recorded request. Its exact replay takes other times, and gives these to its facts.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::Duration;

use super::fact::Fact;

/// The recorded times of a journal.
#[derive(Debug, Default)]
pub(crate) struct FactTimes {
    elapsed: Duration,
    /// How many facts were added.
    #[cfg(feature = "replay")]
    count: usize,
    /// The places of the facts that were taken, in the order in which they were. A fact that is not recorded has the place of the one
    /// before it.
    places: Vec<usize>,
    lanes: HashMap<usize, LaneTimes>,
    /// Is told the place of each fact that is taken.
    observer: FactObserver,
}

/// Is told the places of facts among all facts of the recorded journal.
#[derive(Default)]
struct FactObserver(Option<Box<dyn Fn(usize) + Send>>);

impl fmt::Debug for FactObserver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("FactObserver").field(&self.0.is_some()).finish()
    }
}

/// The recorded times of one lane.
#[derive(Debug, Default)]
struct LaneTimes {
    /// The time of the last fact that was taken.
    last: Option<Duration>,
    /// The names and times of the facts that were not taken yet, in order.
    left: VecDeque<RecordedFact>,
}

/// A recorded fact.
#[derive(Debug)]
struct RecordedFact {
    name: String,
    at: Duration,
    /// Its place among all facts of the journal.
    place: usize,
}

impl FactTimes {
    /// The times of a request or break that took `elapsed`, without facts.
    #[cfg(feature = "replay")]
    pub(crate) fn new(elapsed: Duration) -> Self {
        Self { elapsed, ..Self::default() }
    }

    /// The same times. When a fact is taken, `observer` gets its place among all facts of the recorded journal.
    #[cfg(feature = "replay")]
    pub(crate) fn observed_by(self, observer: impl Fn(usize) + Send + 'static) -> Self {
        Self { observer: FactObserver(Some(Box::new(observer))), ..self }
    }

    /// Adds the next fact of `lane`.
    #[cfg(feature = "replay")]
    pub(crate) fn push(&mut self, lane: usize, name: &str, at: Duration) {
        let place = self.count;
        self.count += 1;
        self.lanes.entry(lane).or_default().left.push_back(RecordedFact { name: name.to_owned(), at, place });
    }

    /// How long the request or the break took.
    pub(super) fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The time of the next fact of `lane`; after the last fact its time; `None` for a lane without facts.
    pub(super) fn next(&self, lane: usize) -> Option<Duration> {
        let times = self.lanes.get(&lane)?;
        times.left.front().map(|fact| fact.at).or(times.last)
    }

    /// The time of the last fact of `lane` that was taken.
    pub(super) fn last(&self, lane: usize) -> Option<Duration> {
        self.lanes.get(&lane)?.last
    }

    /// Takes the time of `fact` of `lane`; `None` if the recording has another fact here.
    pub(super) fn take(&mut self, lane: usize, fact: &Fact) -> Option<Duration> {
        let times = self.lanes.get_mut(&lane);
        let next = times.and_then(|times| {
            times.left.front().filter(|next| next.name == fact.name())?;
            let next = times.left.pop_front()?;
            times.last = Some(next.at);
            Some(next)
        });
        let before = self.places.last().copied().unwrap_or_default();
        self.places.push(next.as_ref().map_or(before, |next| next.place));
        if let (Some(next), Some(observer)) = (&next, &self.observer.0) {
            observer(next.place);
        }
        Some(next?.at)
    }

    /// The recorded order of the facts that were taken: the number of each in the order in which they were taken.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.places.len()).collect();
        order.sort_by_key(|number| self.places.get(*number));
        order
    }
}
