//! Counts each request of a plan once, from the facts of its journal.

use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;

use super::counters::{ArmCounters, RequestCounters, SourceCounters};
use super::histogram::nanos_of;
use crate::journal::{Entry, Fact, Journal, Outcome};

/// The counters of the requests of a plan, or of one of its arms.
#[derive(Debug, Default)]
pub(crate) struct PlanCounters {
    /// All requests of the plan. A newer plan takes them over.
    pub(crate) requests: Arc<RequestCounters>,
    /// The requests of the arm.
    pub(crate) arm: Option<Arc<ArmCounters>>,
    /// The counters of the source of each lane.
    pub(crate) lanes: Box<[Arc<SourceCounters>]>,
}

/// A running request. It is counted when its answer is known. If it is dropped before, because the caller does not wait for the answer, it is
/// counted as cancelled, and its lanes as the journal has them.
pub(crate) struct RequestCount<'a> {
    counters: &'a PlanCounters,
    journal: Arc<Journal>,
    is_counted: bool,
}

/// The answer of a request, as far as it is counted.
pub(crate) struct CountedAnswer<'a> {
    /// The facts of the request.
    pub(crate) journal: &'a [Entry],
    /// Whether there is a usable ad.
    pub(crate) is_filled: bool,
    /// The time from the start of the request to the answer.
    pub(crate) elapsed: Duration,
}

impl<'a> RequestCount<'a> {
    /// Call this before the first lane begins.
    pub(crate) fn begin(counters: &'a PlanCounters, journal: &Arc<Journal>) -> Self {
        Self { counters, journal: Arc::clone(journal), is_counted: false }
    }

    /// Counts the request and its lanes. `winners` are the lanes whose sources have an ad in the answer; a lane may be there several
    /// times.
    pub(crate) fn answered(&mut self, answer: &CountedAnswer<'_>, winners: impl Iterator<Item = usize>) {
        self.is_counted = true;
        self.counters.each_requests(|requests| requests.answered(answer.is_filled, answer.elapsed));
        self.counters.count_lanes(answer.journal, winners);
    }

    /// Counts the documents of a break of the playlist of `lane`. The break has a separate journal; how its source ended is part of the
    /// journal of the request.
    pub(crate) fn add_break(&self, lane: usize, journal: &[Entry]) {
        let Some(source) = self.counters.lanes.get(lane) else { return };
        let mut cached = None;
        for Entry { fact, .. } in journal {
            match fact {
                Fact::FromCache { hop, .. } => {
                    source.cache_hits.add(1);
                    cached = Some(*hop);
                }
                Fact::Answered { hop, .. } if cached == Some(*hop) => {}
                fact => source.followed(fact),
            }
        }
    }
}

impl Drop for RequestCount<'_> {
    fn drop(&mut self) {
        if !self.is_counted {
            self.counters.each_requests(RequestCounters::dropped);
            self.counters.count_lanes(&self.journal.take_entries(), std::iter::empty());
        }
    }
}

/// The number of lanes up to which counting a request needs no memory from the allocator.
const FEW_LANES: usize = 4;

/// How far a lane has come. Times are nanoseconds since the start of the request: they cost less than a [`Duration`].
#[derive(Debug, Clone, Copy, Default)]
struct LaneProgress {
    began: Option<u64>,
    fetched: Option<u64>,
    parsed: Option<u64>,
    /// Since when the document waits to be read.
    kept: Option<u64>,
    /// For how long it has waited. Like in the report of the source, this is no time of the source.
    waited: u64,
    /// The document that came from the cache last.
    cached: Option<u32>,
    has_followed: bool,
    has_ended: bool,
    has_won: bool,
}

impl LaneProgress {
    /// Notes that the document waits no longer.
    fn end_wait(&mut self, at: u64) {
        if let Some(since) = self.kept.take() {
            self.waited = at.saturating_sub(since);
        }
    }
}

impl PlanCounters {
    /// Calls `count` with the counters of all requests, and with those of the arm.
    fn each_requests(&self, count: impl Fn(&RequestCounters)) {
        count(&self.requests);
        if let Some(arm) = &self.arm {
            count(&arm.requests);
        }
    }

    fn count_lanes(&self, journal: &[Entry], winners: impl Iterator<Item = usize>) {
        let mut lanes: SmallVec<[_; FEW_LANES]> = SmallVec::from_elem(LaneProgress::default(), self.lanes.len());
        let mut has_failed = false;
        for Entry { at, lane, fact, .. } in journal {
            let (Some(source), Some(progress)) = (self.lanes.get(*lane), lanes.get_mut(*lane)) else { continue };
            source.count(progress, nanos_of(*at), fact);
            if let (Some(arm), Fact::Ended { outcome: Outcome::Failed, reason }) = (&self.arm, fact) {
                arm.source_failed(reason.as_ref());
                has_failed = true;
            }
        }
        if let Some(arm) = self.arm.as_ref().filter(|_| has_failed) {
            arm.with_errors.add(1);
        }
        for lane in winners {
            if let (Some(source), Some(progress)) = (self.lanes.get(lane), lanes.get_mut(lane))
                && !std::mem::replace(&mut progress.has_won, true)
            {
                source.wins.add(1);
            }
        }
        for (source, progress) in self.lanes.iter().zip(&lanes) {
            if !progress.has_ended {
                source.ended(Outcome::NotStarted, None);
            }
        }
    }
}

impl SourceCounters {
    fn count(&self, progress: &mut LaneProgress, at: u64, fact: &Fact) {
        match fact {
            Fact::Asked => progress.began = Some(at),
            Fact::Attempt { hop: 0, number, .. } => {
                self.attempts.add(1);
                self.count_retry(*number);
            }
            Fact::FromCache { hop, .. } => {
                self.cache_hits.add(1);
                progress.cached = Some(*hop);
            }
            // The bytes of a cached document were counted when it was fetched.
            Fact::Answered { hop, .. } if progress.cached == Some(*hop) => progress.fetched = Some(at),
            Fact::Answered { hop: 0, bytes, .. } => {
                self.bytes.add(*bytes);
                progress.fetched = Some(at);
                self.fetch.record_nanos(at.saturating_sub(progress.began.unwrap_or_default()));
            }
            Fact::Kept => progress.kept = Some(at),
            Fact::Failed { .. } => progress.end_wait(at),
            Fact::Parsed { document, .. } => {
                progress.end_wait(at);
                if document.hop == 0 {
                    self.parsed(progress, at);
                }
            }
            Fact::Followed { .. } => progress.has_followed = true,
            Fact::Ended { outcome, reason } => {
                progress.has_ended = true;
                self.ended(*outcome, reason.as_ref());
                if let Some(began) = progress.began {
                    self.latency.record_nanos(at.saturating_sub(began).saturating_sub(progress.waited));
                }
                if let Some(parsed) = progress.parsed.filter(|_| progress.has_followed) {
                    self.resolve.record_nanos(at.saturating_sub(parsed));
                }
            }
            fact => self.followed(fact),
        }
    }

    /// Counts the reading of the source's own document.
    fn parsed(&self, progress: &mut LaneProgress, at: u64) {
        progress.parsed = Some(at);
        // Of a document that has waited it is not known when the reading began.
        if progress.waited == 0 {
            self.parse.record_nanos(at.saturating_sub(progress.fetched.unwrap_or(at)));
        }
    }

    /// Counts a fact about a document that a wrapper or a break leads to.
    fn followed(&self, fact: &Fact) {
        match fact {
            Fact::Attempt { number, .. } => {
                self.followed_attempts.add(1);
                self.count_retry(*number);
            }
            Fact::Answered { bytes, .. } => self.followed_bytes.add(*bytes),
            _ => {}
        }
    }

    fn count_retry(&self, number: u32) {
        if number > 1 {
            self.retries.add(1);
        }
    }
}
