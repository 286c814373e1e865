//! Writes the journal.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::fact::{Entry, Fact};
use super::fact_times::FactTimes;
use super::outcome::{EndReason, Outcome};
use super::trace;
use crate::error::{ErrorType, Failure};
use crate::policy::{TimeLimit, later};

/// Why running lanes are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CutReason {
    /// The request is complete, because another source won.
    OtherSourceWon,
    /// This time limit passed.
    Time(TimeLimit),
}

/// The value of a clock that was not read.
const UNREAD: u64 = u64::MAX;

/// The room that a full list of facts gets at least.
const MORE_FACTS: usize = 24;

/// How a lane ended, as the memory of its source needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LaneEnd {
    pub(crate) outcome: Outcome,
    /// The kind of the failure, if there was one.
    pub(crate) error_type: Option<ErrorType>,
    /// The time limit that fired.
    pub(crate) limit: Option<TimeLimit>,
    /// Whether the lane was dropped because the caller does not wait for the answer.
    pub(crate) is_by_caller: bool,
}

/// The facts of one request, in order. Facts are never removed or changed.
#[derive(Debug)]
pub(crate) struct Journal {
    started: Instant,
    /// The last reading of the clock in nanoseconds since the start; [`UNREAD`] before [`Journal::tick`].
    tick: AtomicU64,
    /// For a break of a playlist: the journal of the request, whose ticks are the time of the break too.
    request: Option<Arc<Self>>,
    /// The times of a recorded request, which its exact replay gives to the facts.
    recorded: Option<Box<Mutex<FactTimes>>>,
    inner: Mutex<JournalState>,
}

#[derive(Debug, Default)]
struct JournalState {
    entries: Vec<Entry>,
    cut: Option<CutReason>,
}

impl Journal {
    /// An empty journal of a request to this number of sources that began at `started`.
    pub(crate) fn new(started: Instant, sources: usize) -> Self {
        // A source that answers with an ad causes six facts. The list of one source has 616 bytes, and the allocator is fast up to 1,024.
        let facts = 6 * sources.min(16) + 1;
        let state = JournalState { entries: Vec::with_capacity(facts), cut: None };
        Self { started, tick: AtomicU64::new(UNREAD), request: None, recorded: None, inner: Mutex::new(state) }
    }

    /// The journal of a break of a playlist that begins now. `request` is the journal of the request.
    pub(crate) fn of_break(request: &Arc<Self>) -> Self {
        Self { request: Some(Arc::clone(request)), ..Self::new(request.last_tick(), 1) }
    }

    /// The same journal, which gives these times to its facts.
    pub(crate) fn with_recorded_times(self, times: Option<FactTimes>) -> Self {
        Self { recorded: times.map(|times| Box::new(Mutex::new(times))), ..self }
    }

    /// When the request, or the break, began.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// How long the request has taken: until now, or in all if it is an exact replay.
    pub(crate) fn elapsed(&self) -> Duration {
        self.recorded_times().map_or_else(|| self.started.elapsed(), |times| times.elapsed())
    }

    /// Takes `now` as the time of all facts until the next call. The clock is read once for each poll of a lane, because a request
    /// would else read it thirty times. A journal without ticks reads the clock for each fact.
    pub(crate) fn tick(&self, now: Instant) {
        let since = now.saturating_duration_since(self.started).as_nanos();
        self.tick.store(u64::try_from(since).unwrap_or(UNREAD), Ordering::Relaxed);
    }

    /// The time of the last tick; the current time before the first one.
    pub(crate) fn last_tick(&self) -> Instant {
        match (&self.request, self.tick.load(Ordering::Relaxed)) {
            (Some(request), _) => request.last_tick(),
            (None, UNREAD) => Instant::now(),
            (None, nanos) => self.started + Duration::from_nanos(nanos),
        }
    }

    /// The time from the start to the next fact of `lane`, if it is recorded now.
    fn since_start(&self, lane: usize) -> Duration {
        let recorded = self.recorded_times().and_then(|times| times.next(lane));
        recorded.unwrap_or_else(|| self.since_tick())
    }

    /// The time from the start to the last tick.
    fn since_tick(&self) -> Duration {
        match (&self.request, self.tick.load(Ordering::Relaxed)) {
            (Some(_), _) | (None, UNREAD) => self.last_tick().saturating_duration_since(self.started),
            (None, nanos) => Duration::from_nanos(nanos),
        }
    }

    fn recorded_times(&self) -> Option<MutexGuard<'_, FactTimes>> {
        self.recorded.as_ref().map(|times| times.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a fact, and emits its event.
    pub(crate) fn record(&self, lane: usize, fact: Fact) {
        let now = self.since_tick();
        let state =
            if self.recorded.is_none() { self.add(now, lane, fact) } else { self.add_recorded(now, lane, fact) };
        // The event is made of the fact in the list. To emit it before would cost one more copy of each fact.
        if trace::is_enabled()
            && let Some(entry) = state.entries.last()
        {
            trace::emit(&entry.fact);
        }
    }

    /// Adds a fact without an event. Returns the list, whose last entry is the fact.
    #[inline]
    fn add(&self, at: Duration, lane: usize, fact: Fact) -> MutexGuard<'_, JournalState> {
        let mut state = self.lock();
        if state.entries.len() == state.entries.capacity() {
            // The facts of a chain of wrappers. Doubled each time, the list would be moved three times.
            let more = state.entries.len().max(MORE_FACTS);
            state.entries.reserve_exact(more);
        }
        state.entries.push(Entry { at, lane, fact });
        state
    }

    /// [`add`](Self::add) with the recorded time of the fact, if there is one.
    #[cold]
    fn add_recorded(&self, now: Duration, lane: usize, fact: Fact) -> MutexGuard<'_, JournalState> {
        let mut times = self.recorded_times();
        let recorded = times.as_mut().and_then(|times| times.take(lane, &fact));
        self.add(recorded.unwrap_or(now), lane, fact)
    }

    /// Sets the reason that lanes record if they are dropped from now on.
    pub(crate) fn announce(&self, cut: CutReason) {
        self.lock().cut = Some(cut);
    }

    /// Removes that reason, because the lanes of the next tier end for other reasons.
    pub(crate) fn forget_cut(&self) {
        self.lock().cut = None;
    }

    /// Moves all facts of `other`, the journal of a fetch, into this journal as facts of `lane`.
    fn adopt(&self, lane: usize, other: &Self) {
        let entries = other.take_entries();
        for Entry { at, fact, .. } in entries {
            let at = later(other.started, at).saturating_duration_since(self.started);
            drop(self.add_recorded(at, lane, fact));
        }
    }

    /// Takes all facts out of the journal, in order.
    pub(crate) fn take_entries(&self) -> Vec<Entry> {
        let entries = std::mem::take(&mut self.lock().entries);
        let Some(recorded) = self.recorded_times() else { return entries };
        let mut entries: Vec<Option<Entry>> = entries.into_iter().map(Some).collect();
        // Facts of two lanes at almost the same time may have been recorded in the other order.
        recorded.order().into_iter().filter_map(|number| entries.get_mut(number)?.take()).collect()
    }

    /// How the lane ended; `None` if it has not ended.
    pub(crate) fn end_of(&self, lane: usize) -> Option<LaneEnd> {
        // The lane has usually just ended, so its end is the last entry.
        self.lock().entries.iter().rev().find_map(|entry| match &entry.fact {
            Fact::Ended { outcome, reason } if entry.lane == lane => {
                let failure = match reason {
                    Some(EndReason::Failure(failure)) => Some(failure),
                    _ => None,
                };
                let (error_type, limit) = (failure.map(|one| one.error_type), failure.and_then(|one| one.limit));
                let is_by_caller = matches!(reason, Some(EndReason::CallerStopped));
                Some(LaneEnd { outcome: *outcome, error_type, limit, is_by_caller })
            }
            _ => None,
        })
    }

    fn cut(&self) -> Option<CutReason> {
        self.lock().cut
    }

    fn lock(&self) -> MutexGuard<'_, JournalState> {
        // A panic cannot leave the list in a wrong state, so a poisoned lock is no problem.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records the facts of one lane. If it is dropped before the lane has ended, it records the end itself (cancelled, or the
/// time limit that fired). So the facts of every lane are complete.
#[derive(Debug)]
pub(crate) struct LaneLog {
    journal: Arc<Journal>,
    lane: usize,
    /// When the lane began, since the start of the request.
    began: Duration,
    ended: AtomicBool,
    /// Whether a document has arrived and waits to be read.
    unread: AtomicBool,
}

impl LaneLog {
    /// The log of `lane`. Records that the lane began.
    pub(crate) fn begin(journal: &Arc<Journal>, lane: usize) -> Self {
        let log = Self {
            journal: Arc::clone(journal),
            lane,
            began: journal.since_start(lane),
            ended: AtomicBool::new(false),
            unread: AtomicBool::new(false),
        };
        log.record(Fact::Asked);
        log
    }

    /// The log of a fetch that belongs to no lane. It records neither beginning nor end.
    pub(crate) fn detached(journal: &Arc<Journal>) -> Self {
        Self {
            journal: Arc::clone(journal),
            lane: 0,
            began: journal.since_start(0),
            ended: AtomicBool::new(true),
            unread: AtomicBool::new(false),
        }
    }

    /// Moves the facts of a fetch with this journal into this log. They were emitted as events when they were recorded.
    pub(crate) fn adopt(&self, fetch: &Journal) {
        self.journal.adopt(self.lane, fetch);
    }

    /// The number of the lane.
    pub(crate) fn lane(&self) -> usize {
        self.lane
    }

    /// How long ago the request began.
    pub(crate) fn since_request(&self) -> Duration {
        self.journal.since_start(self.lane)
    }

    /// How long ago the lane began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.since_request().saturating_sub(self.began)
    }

    /// When the lane began.
    pub(crate) fn began(&self) -> Instant {
        later(self.journal.started, self.began)
    }

    /// The time of the fact of this lane that was just recorded.
    pub(crate) fn time_of_fact(&self) -> Instant {
        let recorded = self.journal.recorded_times().and_then(|times| times.last(self.lane));
        recorded.map_or_else(|| self.journal.last_tick(), |at| later(self.journal.started, at))
    }

    /// The current time, for time limits. In an exact replay the clock may be a little ahead of the recorded time, and the lane may be
    /// polled long before its next fact.
    pub(crate) fn now(&self) -> Instant {
        let now = self.journal.last_tick();
        let recorded = self.journal.recorded_times().and_then(|times| times.next(self.lane));
        recorded.map_or(now, |at| now.min(later(self.journal.started, at)))
    }

    /// Adds a fact.
    pub(crate) fn record(&self, fact: Fact) {
        self.journal.record(self.lane, fact);
    }

    /// Records that the document has arrived and waits to be read.
    pub(crate) fn keep(&self) {
        self.record(Fact::Kept);
        self.unread.store(true, Ordering::Relaxed);
    }

    /// The document is read now.
    pub(crate) fn read(&self) {
        self.unread.store(false, Ordering::Relaxed);
    }

    /// Records how the lane ended. Only the first call counts.
    pub(crate) fn end(&self, outcome: Outcome, reason: Option<EndReason>) {
        if !self.ended.swap(true, Ordering::Relaxed) {
            self.record(Fact::Ended { outcome, reason });
        }
    }

    /// Records that the lane ended with `failure`.
    pub(crate) fn fail(&self, hop: u32, failure: Failure) {
        self.record(Fact::Failed { hop, failure: failure.clone() });
        self.end(Outcome::Failed, Some(EndReason::Failure(failure)));
    }
}

impl Drop for LaneLog {
    fn drop(&mut self) {
        if self.ended.load(Ordering::Relaxed) {
            return;
        }
        if std::thread::panicking() {
            return self.fail(0, Failure::new(ErrorType::Internal, "a bug: the lane panicked"));
        }
        match self.journal.cut() {
            Some(CutReason::Time(limit)) => self.fail(0, Failure::timeout(limit)),
            Some(CutReason::OtherSourceWon) => {
                let is_unread = self.unread.load(Ordering::Relaxed);
                let reason = if is_unread { EndReason::NotRead } else { EndReason::OtherSourceWon };
                self.end(Outcome::Cancelled, Some(reason));
            }
            None => self.end(Outcome::Cancelled, Some(EndReason::CallerStopped)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of_dropped_lane(cut: Option<CutReason>) -> (Outcome, Option<EndReason>, usize) {
        let journal = Arc::new(Journal::new(Instant::now(), 1));
        let log = LaneLog::begin(&journal, 3);
        if let Some(cut) = cut {
            journal.announce(cut);
        }
        drop(log);
        let entries = journal.take_entries();
        let Some(Entry { lane: 3, fact: Fact::Ended { outcome, reason }, .. }) = entries.last() else {
            panic!("no end in {entries:?}");
        };
        (*outcome, reason.clone(), entries.len())
    }

    #[test]
    fn a_lane_that_is_cut_records_why() {
        let late = EndReason::Failure(Failure::timeout(TimeLimit::Request));
        let cases = [
            (None, Outcome::Cancelled, EndReason::CallerStopped, 2),
            (Some(CutReason::OtherSourceWon), Outcome::Cancelled, EndReason::OtherSourceWon, 2),
            (Some(CutReason::Time(TimeLimit::Request)), Outcome::Failed, late, 3),
        ];
        for (cut, outcome, reason, facts) in cases {
            assert_eq!(end_of_dropped_lane(cut), (outcome, Some(reason), facts), "{cut:?}");
        }
    }

    #[test]
    fn a_fact_takes_little_room() {
        // In bytes. A journal begins with room for seven.
        assert!(size_of::<Entry>() <= 88, "{}", size_of::<Entry>());
    }

    #[test]
    fn only_the_first_end_counts() {
        let journal = Arc::new(Journal::new(Instant::now(), 1));
        let log = LaneLog::begin(&journal, 0);
        log.end(Outcome::Filled, None);
        log.end(Outcome::NoAd, None);
        drop(log);
        assert_eq!(journal.take_entries().len(), 2);
    }
}
