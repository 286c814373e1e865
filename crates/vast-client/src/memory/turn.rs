//! The turn of a lane at its source: from the start of the lane to its end, also if the lane is dropped.

use std::time::Duration;

use tokio::time::Instant;

use super::source_memory::{SourceMemory, SourcePolicy, TurnEnd, TurnOutcome};
use crate::env::Draws;
use crate::error::FailureOrigin;
use crate::journal::{Journal, LaneEnd, Outcome, SkipReason};
use crate::policy::{Permit, TimeLimit};

impl TurnOutcome {
    /// The outcome for the end that the journal has of a lane.
    fn of(end: &LaneEnd) -> Self {
        match end.outcome {
            Outcome::Filled => Self::Usable,
            Outcome::NoAd => Self::NoAd,
            Outcome::Rejected => Self::Rejected,
            Outcome::Failed => {
                let origin = end.error_type.and_then(|error_type| error_type.row().origin);
                Self::Failed(origin.unwrap_or(FailureOrigin::Client))
            }
            Outcome::Cancelled | Outcome::Skipped | Outcome::NotStarted => Self::Cancelled,
        }
    }
}

/// The request and the lane of a turn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TurnPlace<'a> {
    pub(crate) journal: &'a Journal,
    pub(crate) draws: &'a Draws,
    pub(crate) lane: usize,
}

/// The turn of a lane at its source. When it is dropped, it records one outcome in the memory of the source: the one that the
/// journal has of the lane. Drop it after the log of the lane.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    memory: &'a SourceMemory,
    policy: &'a SourcePolicy,
    place: TurnPlace<'a>,
    permit: Permit,
    began: Instant,
    /// The time that the source took to respond, where it is known before the end of the lane.
    responded: Option<Duration>,
    is_forgotten: bool,
}

impl<'a> Turn<'a> {
    /// The turn of a lane that begins now. If the source is ejected, `may_skip` decides whether it is skipped.
    ///
    /// # Errors
    /// Why the source must not be asked now.
    pub(crate) fn begin(
        memory: &'a SourceMemory,
        policy: &'a SourcePolicy,
        place: TurnPlace<'a>,
        may_skip: impl FnOnce(Instant) -> bool,
    ) -> Result<Self, SkipReason> {
        // A lane begins just after the clock was read.
        let now = place.journal.last_tick();
        let permit = match memory.begin(policy, now, false) {
            Err(SkipReason::BreakerOpen) if !may_skip(now) => memory.begin(policy, now, true)?,
            begun => begun?,
        };
        Ok(Self { memory, policy, place, permit, began: now, responded: None, is_forgotten: false })
    }

    /// Notes that the source was not asked, because its document came from the cache. The turn shows nothing of it.
    pub(crate) fn forget(&mut self) {
        self.is_forgotten = true;
    }

    /// Notes that the source has responded. Without this call the latency is the running time of the lane. A lane with a playlist
    /// goes on after the response, because it runs the breaks.
    pub(crate) fn responded(&mut self) {
        self.responded = Some(self.began.elapsed());
    }

    /// The outcome and the latency.
    fn end(&self) -> TurnEnd {
        let journal = self.place.journal;
        let end = journal.end_of(self.place.lane);
        // A lane ends where it is polled or cut, just after the clock was read. A caller drops it at any time.
        let is_ticked = end.as_ref().is_some_and(|end| !end.is_by_caller);
        let now = if is_ticked { journal.last_tick() } else { Instant::now() };
        // A lane that was dropped before its first step has no end in the journal.
        let Some(end) = end.filter(|_| !self.is_forgotten) else {
            return TurnEnd { outcome: TurnOutcome::Cancelled, latency: None, now };
        };
        let ran = now.saturating_duration_since(self.began);
        let mut outcome = TurnOutcome::of(&end);
        // A limit of the whole request is the fault of a source only if the source had most of the time of the request.
        let is_of_request = matches!(end.limit, Some(TimeLimit::Request | TimeLimit::FallbackReserve));
        if is_of_request && ran * 2 < journal.elapsed() {
            outcome = TurnOutcome::Cancelled;
        }
        TurnEnd { outcome, latency: Some(self.responded.unwrap_or(ran)), now }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let end = self.end();
        // The generator of the request is copied, so that an ejection does not change what the request draws after it.
        let change = self.memory.end(self.policy, self.permit, &end, || self.place.draws.with(|rng| rng.clone()));
        if let Some(change) = change {
            change.log(&self.memory.name, self.policy.breaker.simulate_only);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::error::{ErrorType, Failure};
    use crate::journal::{CutReason, EndReason, LaneLog};

    /// How a lane ends in a test.
    #[derive(Debug, Clone, Copy)]
    enum Ending {
        With(Outcome),
        Failure(ErrorType),
        Cut(Option<CutReason>),
    }

    fn outcome_of(ending: Ending) -> TurnOutcome {
        let journal = Arc::new(Journal::new(Instant::now(), 1));
        let (log, other) = (LaneLog::begin(&journal, 3), LaneLog::begin(&journal, 4));
        match ending {
            Ending::With(outcome) => log.end(outcome, None),
            Ending::Failure(error_type) => log.end(
                Outcome::of_failure(&Failure::new(error_type, "")),
                Some(EndReason::Failure(Failure::new(error_type, ""))),
            ),
            Ending::Cut(cut) => cut.into_iter().for_each(|cut| journal.announce(cut)),
        }
        drop(log);
        drop(other);
        journal.end_of(3).map_or(TurnOutcome::Cancelled, |end| TurnOutcome::of(&end))
    }

    #[test]
    fn a_turn_ends_as_its_lane_in_the_journal() {
        let failed = TurnOutcome::Failed;
        let time = Some(CutReason::Time(TimeLimit::Source));
        let cases = [
            (Ending::With(Outcome::Filled), TurnOutcome::Usable),
            (Ending::Failure(ErrorType::NoAd), TurnOutcome::NoAd),
            (Ending::Failure(ErrorType::WrapperNoAd), TurnOutcome::NoAd),
            (Ending::Failure(ErrorType::Filtered), TurnOutcome::Rejected),
            (Ending::Failure(ErrorType::Connect), failed(FailureOrigin::Network)),
            (Ending::Failure(ErrorType::HttpStatus), failed(FailureOrigin::Server)),
            (Ending::Failure(ErrorType::NotXml), failed(FailureOrigin::Content)),
            (Ending::Failure(ErrorType::Internal), failed(FailureOrigin::Client)),
            (Ending::Cut(None), TurnOutcome::Cancelled),
            (Ending::Cut(Some(CutReason::OtherSourceWon)), TurnOutcome::Cancelled),
            (Ending::Cut(time), failed(FailureOrigin::Network)),
        ];
        for (ending, expected) in cases {
            assert_eq!(outcome_of(ending), expected, "{ending:?}");
        }
    }
}
