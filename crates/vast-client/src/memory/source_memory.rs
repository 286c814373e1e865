//! The memory of one source.

use std::time::Duration;

use super::answer_time::AnswerTime;
use super::turn::TurnOutcome;
use crate::policy::Latency;

/// The memory of one source. Turns write it when they end, and later requests read it.
#[derive(Debug, Default)]
pub(crate) struct SourceMemory {
    /// The latencies of the last responses.
    pub(crate) latency: Latency,
    /// The time per usable answer.
    pub(crate) answer_time: AnswerTime,
}

impl SourceMemory {
    /// Records the end of a turn. `latency` is the time that the source took to respond, or the time until the turn was
    /// cut.
    pub(super) fn record(&self, outcome: TurnOutcome, latency: Duration) {
        self.answer_time.record(outcome, latency);
        match outcome {
            TurnOutcome::Usable | TurnOutcome::NoAd | TurnOutcome::Rejected => self.latency.record(latency),
            TurnOutcome::Failed(_) | TurnOutcome::Cancelled => {}
        }
    }
}
