//! The lanes of a tier for the loop in `schedule`: the start and the time limit of each lane, and the condition under
//! which the answers are enough.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;
use tracing::Instrument;

use super::reading_order::{ReadingOrder, ReadingPlace};
use super::run::LaneInTier;
use super::{Admission, AnswerContent, LaneAnswer, PlannedSource, Tier, run};
use crate::context::RequestContext;
use crate::journal::{CutReason, EndReason, Fact, LaneLog, Outcome, SkipReason};
use crate::memory::ExtraPermit;
use crate::policy::{Deadline, ExtraRequest, FetchMode, FetchStrategy, TierKind, TimeLimit, TimeLimits};
use crate::schedule::{BegunLane, Lanes};
use crate::select::{self, TierProgress, TierStep};

/// The lanes of a tier.
pub(crate) struct TierLanes<'a> {
    tier: &'a Tier,
    request: &'a Arc<RequestContext>,
    admission: &'a Admission<'a>,
    deadline: Deadline,
    /// The answers of the tiers before this one.
    earlier: &'a [LaneAnswer],
    /// The numbers of the sources within the tier, in the order to ask.
    order: Vec<usize>,
    /// The number of lanes that have begun or were skipped.
    begun: AtomicUsize,
    /// The order of reading, where the first source in order wins.
    reading: Option<ReadingOrder>,
    /// The permits of lanes that were started because another one is slow. They count until the tier ends.
    overlaps: Mutex<Vec<ExtraPermit<'a>>>,
}

impl<'a> TierLanes<'a> {
    pub(crate) fn new(
        tier: &'a Tier,
        request: &'a Arc<RequestContext>,
        admission: &'a Admission<'a>,
        deadline: Deadline,
        earlier: &'a [LaneAnswer],
        order: Vec<usize>,
    ) -> Self {
        // The lanes of the previous tier may have been cut. Their reason does not apply to the lanes of this tier.
        request.journal.forget_cut();
        // With a patience, a document is read at once: the patience begins when an ad is there.
        let is_in_order = tier.mode == FetchMode::Parallel && order.len() > 1;
        let is_read_in_order = is_in_order && request.settings.strategy.patience.is_none();
        let reading = is_read_in_order.then(ReadingOrder::default);
        let (begun, overlaps) = (AtomicUsize::new(0), Mutex::default());
        Self { tier, request, admission, deadline, earlier, order, begun, reading, overlaps }
    }

    /// The same lanes, all of whose documents are read as they arrive, for example because trackers of the losers are called.
    pub(crate) fn reading_all(self) -> Self {
        Self { reading: None, ..self }
    }

    /// Records that no time was left for the lanes that never began, unless the answers were enough without them.
    pub(crate) fn close(&self, answers: &[LaneAnswer]) {
        let begun = self.begun.load(Ordering::Relaxed);
        if begun == self.order.len() || self.enough(&answers.iter().collect::<Vec<_>>(), self.order.len() - begun) {
            return;
        }
        for place in begun..self.order.len() {
            self.skip(place, SkipReason::NoTime);
        }
    }

    fn strategy(&self) -> &'a FetchStrategy {
        &self.request.settings.strategy
    }

    fn source(&self, place: usize) -> Option<&'a PlannedSource> {
        self.tier.sources.get(*self.order.get(place)?).map(|source| &**source)
    }

    fn lane_of(&self, place: usize) -> usize {
        self.tier.first_lane + self.order.get(place).copied().unwrap_or(place)
    }

    fn skip(&self, place: usize, reason: SkipReason) {
        let _span = self.source(place).map(|source| span(source).entered());
        let reason = Some(EndReason::Skipped(reason));
        self.request.journal.record(self.lane_of(place), Fact::Ended { outcome: Outcome::Skipped, reason });
    }

    /// The rule that excludes the source; `None` if it is asked.
    fn skip_reason(&self, source: &PlannedSource, now: Instant) -> Option<SkipReason> {
        if source.lacks_consent(&self.request.ad_request) {
            return Some(SkipReason::Consent);
        }
        let is_late = self.deadline.remaining(now) < self.strategy().limits.min_useful;
        is_late.then_some(SkipReason::NoTime)
    }

    /// The lane's limit, within the tier's deadline. In sequential mode a lane for which no limit is configured gets its share of
    /// the time left, so that a source that hangs leaves time for the next ones.
    fn lane_deadline(&self, source: &PlannedSource, open: usize, now: Instant) -> Deadline {
        let limits = &self.strategy().limits;
        let limit = match source.source_timeout.or(limits.source_timeout) {
            Some(limit) => limit,
            None if self.tier.mode == FetchMode::Sequential => {
                let open = u32::try_from(open.max(1)).unwrap_or(u32::MAX);
                (self.deadline.remaining(now) / open).max(TimeLimits::MIN_SHARE)
            }
            None => limits.source_limit(),
        };
        self.deadline.cut(now, limit, TimeLimit::Source)
    }
}

impl Lanes for TierLanes<'_> {
    type Answer = LaneAnswer;

    fn len(&self) -> usize {
        self.order.len()
    }

    fn first_open(&self, place: usize) {
        if let Some(reading) = &self.reading {
            reading.open(place);
        }
    }

    fn kept(&self) -> Vec<usize> {
        self.reading.as_ref().map_or_else(Vec::new, ReadingOrder::waiting_places)
    }

    fn tick(&self, now: Instant) {
        self.request.journal.tick(now);
    }

    fn begin(&self, place: usize, open: usize, now: Instant) -> Option<BegunLane<'_, LaneAnswer>> {
        self.begun.store(place + 1, Ordering::Relaxed);
        let source = self.source(place)?;
        if let Some(reason) = self.skip_reason(source, now) {
            self.skip(place, reason);
            return None;
        }
        let number = self.lane_of(place);
        let mut turn = match self.admission.turn(source, number) {
            Ok(turn) => turn,
            Err(reason) => {
                self.skip(place, reason);
                return None;
            }
        };
        let deadline = self.lane_deadline(source, open, now);
        let span = span(source);
        let log = span.in_scope(|| LaneLog::begin(&self.request.journal, number));
        let lane = async move {
            // The turn ends after the lane, because it reads the end of the lane in the journal.
            let turn = &mut turn;
            let earlier: Vec<_> = self.earlier.iter().flat_map(LaneAnswer::candidates).collect();
            let reading = self.reading.as_ref().map(|order| ReadingPlace { order, place });
            let in_tier = LaneInTier { kind: self.tier.kind, earlier: &earlier, reading };
            run::run(self.request, source, log, deadline, in_tier, turn).await
        };
        Some(BegunLane { work: lane.instrument(span).boxed(), deadline: deadline.at() })
    }

    fn stagger_after(&self, place: usize) -> Duration {
        let own = || self.source(place).and_then(|source| source.memory.latency.p95());
        let own = || own().unwrap_or(FetchStrategy::DEFAULT_STAGGER).max(FetchStrategy::MIN_STAGGER);
        let wait = self.strategy().stagger.unwrap_or_else(own);
        match (&self.request.outside, self.source(place)) {
            (Some(outside), Some(source)) => outside.stagger_after(&source.name, wait),
            _ => wait,
        }
    }

    fn may_overlap(&self, place: usize) -> bool {
        // The operator who sets the time has decided how many requests there are.
        if self.strategy().stagger.is_some() {
            return true;
        }
        let permit = self.source(place).and_then(|source| source.memory.extra_request(ExtraRequest::Usual));
        let may_overlap = match (&self.request.outside, self.source(place)) {
            (Some(outside), Some(source)) => outside.extra_request(&source.name, permit.is_some()),
            _ => permit.is_some(),
        };
        self.overlaps.lock().unwrap_or_else(PoisonError::into_inner).extend(permit);
        may_overlap
    }

    fn same_tag(&self, one: usize, other: usize) -> bool {
        match (self.source(one), self.source(other)) {
            (Some(one), Some(other)) => one.source.url() == other.source.url(),
            _ => false,
        }
    }

    fn enough(&self, answers: &[&LaneAnswer], open: usize) -> bool {
        let step = if open == 0 { TierStep::Over } else { TierStep::Running };
        let all = self.earlier.iter().chain(answers.iter().copied());
        is_enough(self.request, all, TierProgress::new(self.tier.kind, step))
    }

    fn extended(&self) -> Option<Deadline> {
        self.request.deadline_of_breaks()
    }

    fn cut(&self, cut: CutReason) {
        self.request.journal.announce(cut);
    }
}

fn span(source: &PlannedSource) -> tracing::Span {
    tracing::info_span!("lane", source = &*source.name)
}

/// Whether the ads of `answers` are enough, so that the next tier is not asked. It is called after all lanes of a tier
/// of this kind have ended.
pub(crate) fn is_enough_after(request: &RequestContext, tier: TierKind, answers: &[LaneAnswer]) -> bool {
    is_enough(request, answers.iter(), TierProgress::new(tier, TierStep::Over))
}

fn is_enough<'a>(
    request: &RequestContext,
    answers: impl Iterator<Item = &'a LaneAnswer>,
    progress: TierProgress,
) -> bool {
    let mut answers = answers.peekable();
    // The best placed answer decides: a playlist is never mixed with ads of other sources.
    while let Some(answer) = answers.peek() {
        match &answer.content {
            AnswerContent::Playlist(playlist) if playlist.is_filled() => return true,
            AnswerContent::Playlist(_) => drop(answers.next()),
            AnswerContent::Ads(..) => break,
        }
    }
    let candidates = answers.flat_map(LaneAnswer::candidates);
    select::is_enough(&*request.selector, candidates, progress, &request.ad_request.slot)
}
