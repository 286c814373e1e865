//! Decides for one request which of its sources are kept from being asked by their circuit breakers and limits.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::Instant;

use super::{Arm, PlannedSource};
use crate::context::RequestContext;
use crate::journal::SkipReason;
use crate::memory::{Turn, TurnPlace};
use crate::policy;

/// The sources of one request, and how many of them were asked and skipped.
pub(crate) struct Admission<'a> {
    arm: &'a Arm,
    request: &'a RequestContext,
    asked: AtomicUsize,
    /// The sources that were skipped because they are ejected.
    skipped: AtomicUsize,
}

impl<'a> Admission<'a> {
    pub(crate) fn new(arm: &'a Arm, request: &'a RequestContext) -> Self {
        Self { arm, request, asked: AtomicUsize::new(0), skipped: AtomicUsize::new(0) }
    }

    /// The turn of lane number `lane` at its source. An ejected source is not skipped if its document is in the cache: the lane then
    /// sends no request.
    ///
    /// # Errors
    /// Why the source is skipped.
    pub(super) fn turn(&self, source: &'a PlannedSource, lane: usize) -> Result<Turn<'a>, SkipReason> {
        let RequestContext { journal, values, .. } = self.request;
        let place = TurnPlace { journal, draws: values.draws(), lane };
        let may_skip = |now| self.may_skip(now) && !source.rules().is_in_cache(self.request, source.source.url());
        let turn = Turn::begin(&source.memory, &source.policy, place, may_skip);
        let turn = match &self.request.outside {
            Some(outside) => {
                let permitted = turn.as_ref().map(drop).map_err(|reason| *reason);
                outside.turn(&source.name, permitted).and(turn)
            }
            None => turn,
        };
        match &turn {
            Ok(_) => drop(self.asked.fetch_add(1, Ordering::Relaxed)),
            Err(SkipReason::BreakerOpen) => drop(self.skipped.fetch_add(1, Ordering::Relaxed)),
            Err(_) => {}
        }
        turn
    }

    /// Whether one more source may be skipped because it is ejected. As long as no source was asked, only those count as healthy
    /// that can be asked now: the request must not end without having asked a source.
    fn may_skip(&self, now: Instant) -> bool {
        let has_asked = self.asked.load(Ordering::Relaxed) > 0;
        let (mut sources, mut healthy) = (0, 0);
        for source in self.arm.sources().filter(|source| !source.lacks_consent(&self.request.ad_request)) {
            sources += 1;
            healthy += usize::from(source.memory.is_healthy(&source.policy, now, has_asked));
        }
        policy::may_skip(sources, healthy, self.skipped.load(Ordering::Relaxed))
    }
}
