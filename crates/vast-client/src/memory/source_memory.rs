//! The memory of one source.

use std::time::Duration;

use crate::error::FailureOrigin;
use crate::policy::Latency;

/// What the turn of a lane has shown of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TurnOutcome {
    /// The source had a usable ad.
    Usable,
    /// The source had no ad. It works: "no ad" is an answer.
    NoAd,
    /// The ads of the source were rejected. It works.
    Rejected,
    /// The source failed.
    Failed(FailureOrigin),
    /// The lane ended for a reason that does not concern the source: another source won, or the caller stopped.
    Cancelled,
}

/// The memory of one source. Turns write it when they end, and later requests read it.
#[derive(Debug, Default)]
pub(crate) struct SourceMemory {
    /// The latencies of the last responses.
    pub(crate) latency: Latency,
}

impl SourceMemory {
    /// Records the end of a turn. `latency` is the time that the source took to respond, or the time until the turn was
    /// cut.
    pub(super) fn record(&self, outcome: TurnOutcome, latency: Duration) {
        match outcome {
            TurnOutcome::Usable | TurnOutcome::NoAd | TurnOutcome::Rejected => self.latency.record(latency),
            TurnOutcome::Failed(_) | TurnOutcome::Cancelled => {}
        }
    }
}
