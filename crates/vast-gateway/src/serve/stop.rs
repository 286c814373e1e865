//! The signal that stops servers.

use std::sync::Arc;

use super::end_moment::EndMoment;

/// Stops every server that runs with it. Clones are the same signal.
#[derive(Debug, Clone, Default)]
pub(crate) struct StopSignal {
    draining: Arc<EndMoment>,
    aborting: Arc<EndMoment>,
}

impl StopSignal {
    /// Stops in stages: see [`DrainTimes`](super::DrainTimes).
    pub(crate) fn drain(&self) {
        self.draining.come();
    }

    /// Stops now. Requests in flight are dropped.
    pub(crate) fn abort(&self) {
        self.draining.come();
        self.aborting.come();
    }

    /// Whether the stop has begun.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.has_come()
    }

    /// Completes when the stop begins.
    pub(crate) async fn draining(&self) {
        self.draining.wait().await;
    }

    /// Completes at [`abort`](Self::abort).
    pub(crate) async fn aborting(&self) {
        self.aborting.wait().await;
    }
}
