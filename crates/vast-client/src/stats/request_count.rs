//! Counts each request of a plan once, from the facts of its journal.

use std::sync::Arc;
use std::time::Duration;

use smallvec::{SmallVec, smallvec};

use super::counters::{ArmCounters, RequestCounters, SourceCounters};
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
        for requests in self.counters.of_requests() {
            requests.answered(answer.is_filled, answer.elapsed);
        }
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
            self.counters.of_requests().for_each(RequestCounters::dropped);
            self.counters.count_lanes(&self.journal.take_entries(), std::iter::empty());
        }
    }
}

/// The number of lanes up to which counting a request needs no memory from the allocator.
const FEW_LANES: usize = 4;

/// How far a lane has come.
#[derive(Debug, Clone, Copy, Default)]
struct LaneProgress {
    began: Option<Duration>,
    fetched: Option<Duration>,
    parsed: Option<Duration>,
    /// Since when the document waits to be read.
    kept: Option<Duration>,
    /// For how long it has waited. Like in the report of the source, this is no time of the source.
    waited: Duration,
    has_followed: bool,
    /// The document that came from the cache last.
    cached: Option<u32>,
    has_ended: bool,
    has_won: bool,
}

impl PlanCounters {
    fn of_requests(&self) -> impl Iterator<Item = &RequestCounters> {
        std::iter::once(&*self.requests).chain(self.arm.as_ref().map(|arm| &arm.requests))
    }

    fn count_lanes(&self, journal: &[Entry], winners: impl Iterator<Item = usize>) {
        let mut lanes: SmallVec<[_; FEW_LANES]> = smallvec![LaneProgress::default(); self.lanes.len()];
        let mut has_failed = false;
        for Entry { at, lane, fact, .. } in journal {
            if let (Some(source), Some(progress)) = (self.lanes.get(*lane), lanes.get_mut(*lane)) {
                source.count(progress, *at, fact);
            }
            if let (Some(arm), Fact::Ended { outcome: Outcome::Failed, reason }) = (&self.arm, fact) {
                arm.source_failed(reason.as_ref());
                has_failed = true;
            }
        }
        self.arm.iter().filter(|_| has_failed).for_each(|arm| arm.with_errors.add(1));
        for lane in winners {
            if let (Some(source), Some(progress)) = (self.lanes.get(lane), lanes.get_mut(lane))
                && !std::mem::replace(&mut progress.has_won, true)
            {
                source.wins.add(1);
            }
        }
        let waiting = self.lanes.iter().zip(lanes).filter(|(_, progress)| !progress.has_ended);
        waiting.for_each(|(source, _)| source.ended(Outcome::NotStarted, None));
    }
}

impl SourceCounters {
    fn count(&self, progress: &mut LaneProgress, at: Duration, fact: &Fact) {
        if let Fact::Parsed { .. } | Fact::Failed { .. } = fact
            && let Some(since) = progress.kept.take()
        {
            progress.waited = at.saturating_sub(since);
        }
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
                let began = progress.began.unwrap_or_default();
                self.fetch.record(at.saturating_sub(began));
            }
            Fact::Kept => progress.kept = Some(at),
            Fact::Parsed { document, .. } if document.hop == 0 => {
                progress.parsed = Some(at);
                // Of a document that has waited it is not known when the reading began.
                if progress.waited.is_zero() {
                    self.parse.record(at.saturating_sub(progress.fetched.unwrap_or(at)));
                }
            }
            Fact::Followed { .. } => progress.has_followed = true,
            Fact::Ended { outcome, reason } => {
                progress.has_ended = true;
                self.ended(*outcome, reason.as_ref());
                if let Some(began) = progress.began {
                    self.latency.record(at.saturating_sub(began).saturating_sub(progress.waited));
                }
                if let Some(parsed) = progress.parsed.filter(|_| progress.has_followed) {
                    self.resolve.record(at.saturating_sub(parsed));
                }
            }
            fact => self.followed(fact),
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
