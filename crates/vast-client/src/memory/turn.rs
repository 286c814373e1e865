//! The turn of a lane at its source: from the start of the lane to its end, also if the lane is dropped.

use std::time::Duration;

use tokio::time::Instant;

use super::source_memory::{SourceMemory, TurnOutcome};
use crate::error::FailureOrigin;
use crate::journal::{Journal, LaneEnd, Outcome};

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

/// The turn of a lane at its source. When it is dropped, it records one outcome in the memory of the source: the one that the
/// journal has of the lane. Drop it after the log of the lane.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    memory: &'a SourceMemory,
    journal: &'a Journal,
    lane: usize,
    began: Instant,
    /// The time that the source took to respond, where it is known before the end of the lane.
    responded: Option<Duration>,
    is_forgotten: bool,
}

impl<'a> Turn<'a> {
    /// The turn of a lane that begins now.
    pub(crate) fn begin(memory: &'a SourceMemory, journal: &'a Journal, lane: usize) -> Self {
        Self { memory, journal, lane, began: Instant::now(), responded: None, is_forgotten: false }
    }

    /// Notes that the source was not asked, because its document came from the cache. Nothing is recorded.
    pub(crate) fn forget(&mut self) {
        self.is_forgotten = true;
    }

    /// Notes that the source has responded. Without this call the latency is the running time of the lane. A lane with a playlist
    /// goes on after the response, because it runs the breaks.
    pub(crate) fn responded(&mut self) {
        self.responded = Some(self.began.elapsed());
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.is_forgotten {
            return;
        }
        // A lane that was dropped before its first step has no end in the journal yet.
        let outcome = self.journal.end_of(self.lane).map_or(TurnOutcome::Cancelled, |end| TurnOutcome::of(&end));
        self.memory.record(outcome, self.responded.unwrap_or_else(|| self.began.elapsed()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::error::{ErrorType, Failure};
    use crate::journal::{CutReason, EndReason, LaneLog};
    use crate::policy::TimeLimit;

    /// How a lane ends in a test.
    #[derive(Debug, Clone, Copy)]
    enum Ending {
        With(Outcome),
        Failure(ErrorType),
        Cut(Option<CutReason>),
    }

    fn outcome_of(ending: Ending) -> TurnOutcome {
        let journal = Arc::new(Journal::new(Instant::now()));
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
