//! The signal that stops servers.

use tokio_util::sync::CancellationToken;

/// Stops every server that runs with it. Clones are the same signal.
#[derive(Debug, Clone, Default)]
pub(crate) struct StopSignal {
    draining: CancellationToken,
    aborting: CancellationToken,
}

impl StopSignal {
    /// Stops in stages: see [`DrainTimes`](super::DrainTimes).
    pub(crate) fn drain(&self) {
        self.draining.cancel();
    }

    /// Stops now. Requests in flight are dropped.
    pub(crate) fn abort(&self) {
        self.draining.cancel();
        self.aborting.cancel();
    }

    /// Whether the stop has begun.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Completes when the stop begins.
    pub(crate) async fn draining(&self) {
        self.draining.cancelled().await;
    }

    /// Completes at [`abort`](Self::abort).
    pub(crate) async fn aborting(&self) {
        self.aborting.cancelled().await;
    }
}
