//! The lanes of a tier as the one loop sees them: when each begins, how long it may take, and when it is enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::journal::{Cut, Fact, Journal, LaneLog, Outcome, SkipReason};
use crate::lane::{self, Answer, Scope};
use crate::lane::{PlannedSource, Tier};
use crate::policy::{Deadline, TimeLimit, TimeLimits};
use crate::policy::{FetchMode, FetchStrategy};
use crate::request::AdRequest;
use crate::schedule::Lanes;
use crate::select::{Candidate, Selector};

/// The lanes of a tier.
pub(crate) struct TierLanes<'a> {
    tier: &'a Tier,
    scope: &'a Scope<'a>,
    journal: &'a Arc<Journal>,
    deadline: Deadline,
    earlier: &'a [Answer],
    /// The sources' indices in the order to ask.
    order: Vec<usize>,
    selector: &'a dyn Selector,
    /// How many lanes have begun or were kept from it.
    begun: AtomicUsize,
}

impl<'a> TierLanes<'a> {
    pub(crate) fn new(
        tier: &'a Tier,
        scope: &'a Scope<'a>,
        journal: &'a Arc<Journal>,
        deadline: Deadline,
        earlier: &'a [Answer],
        order: Vec<usize>,
        selector: &'a dyn Selector,
    ) -> Self {
        // What cut the lanes of the tier before has no bearing on these.
        journal.forget_cut();
        Self { tier, scope, journal, deadline, earlier, order, selector, begun: AtomicUsize::new(0) }
    }

    /// Says of the lanes that never began, and that nothing settled, that time was up.
    pub(crate) fn close(&self, answers: &[Answer]) {
        if is_enough(self.selector, self.scope.request, self.earlier, &answers.iter().collect::<Vec<_>>()) {
            return;
        }
        for place in self.begun.load(Ordering::Relaxed)..self.order.len() {
            self.skip(place, SkipReason::NoTime);
        }
    }

    fn strategy(&self) -> &'a FetchStrategy {
        &self.scope.settings.strategy
    }

    fn source(&self, place: usize) -> Option<&'a PlannedSource> {
        self.tier.sources.get(*self.order.get(place)?)
    }

    fn lane_of(&self, place: usize) -> usize {
        self.tier.first_lane + self.order.get(place).copied().unwrap_or(place)
    }

    fn skip(&self, place: usize, reason: SkipReason) {
        let reason = Some(reason.as_str().to_owned());
        self.journal.record(self.lane_of(place), Fact::Ended { outcome: Outcome::Skipped, reason });
    }

    /// Why the source is not asked, if it is not.
    fn skip_reason(&self, source: &PlannedSource) -> Option<SkipReason> {
        if source.privacy.require_consent && self.scope.request.lacks_consent() {
            return Some(SkipReason::Consent);
        }
        let is_late = self.deadline.remaining(Instant::now()) < self.strategy().limits.min_useful;
        is_late.then_some(SkipReason::NoTime)
    }

    /// The lane's own limit under the tier's deadline. In sequential mode a lane without a limit of its own gets its share
    /// of what is left, so that no hanging source starves those behind it.
    fn lane_deadline(&self, source: &PlannedSource, open: usize) -> Deadline {
        let now = Instant::now();
        let limits = &self.strategy().limits;
        let limit = match source.timeout.or(limits.per_source_timeout) {
            Some(limit) => limit,
            None if self.tier.mode == FetchMode::Sequential => {
                let open = u32::try_from(open.max(1)).unwrap_or(u32::MAX);
                (self.deadline.remaining(now) / open).max(TimeLimits::MIN_SHARE)
            }
            None => limits.per_source(),
        };
        self.deadline.cut(now, limit, TimeLimit::PerSource)
    }
}

impl Lanes for TierLanes<'_> {
    type Answer = Answer;

    fn len(&self) -> usize {
        self.order.len()
    }

    fn begin(&self, place: usize, open: usize) -> Option<BoxFuture<'_, Option<Answer>>> {
        self.begun.store(place + 1, Ordering::Relaxed);
        let source = self.source(place)?;
        if let Some(reason) = self.skip_reason(source) {
            self.skip(place, reason);
            return None;
        }
        let deadline = self.lane_deadline(source, open);
        let log = LaneLog::begin(self.journal, self.lane_of(place));
        Some(lane::run(self.scope, source, log, deadline).boxed())
    }

    fn stagger_after(&self, place: usize) -> Duration {
        let own = || self.source(place).and_then(|source| source.latency.p95());
        self.strategy().stagger.or_else(own).unwrap_or(FetchStrategy::DEFAULT_STAGGER)
    }

    fn same_tag(&self, one: usize, other: usize) -> bool {
        match (self.source(one), self.source(other)) {
            (Some(one), Some(other)) => one.source.url() == other.source.url(),
            _ => false,
        }
    }

    fn enough(&self, answers: &[&Answer]) -> bool {
        is_enough(self.selector, self.scope.request, self.earlier, answers)
    }

    fn cut(&self, cut: Cut) {
        self.journal.announce(cut);
    }
}

/// The one question asked after every lane's end: whether the usable ads in hand are enough.
pub(crate) fn is_enough(selector: &dyn Selector, request: &AdRequest, earlier: &[Answer], answers: &[&Answer]) -> bool {
    let all = earlier.iter().chain(answers.iter().copied());
    let candidates: Vec<&Candidate> = all.flat_map(|answer| &answer.candidates).collect();
    selector.enough(&candidates, &request.slot)
}
