//! The work that outlives a request: connections read to their end, beacons on their way. One set of tasks per client,
//! which the client's owner can wait for and end.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A set of background tasks. Cheap to clone; clones are the same set.
#[derive(Debug, Clone, Default)]
pub struct Background {
    tasks: TaskTracker,
    cancel: CancellationToken,
}

impl Background {
    /// Runs `work` beside the requests until it ends or [`shutdown`](Self::shutdown) runs out of patience. Returns
    /// whether it was started: not after a shutdown and not outside a tokio runtime.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> bool {
        let Ok(runtime) = Handle::try_current() else { return false };
        if self.tasks.is_closed() {
            return false;
        }
        let cancelled = self.cancel.clone();
        let work = self.tasks.track_future(async move {
            let _ = cancelled.run_until_cancelled(work).await;
        });
        drop(runtime.spawn(work));
        true
    }

    /// The number of tasks that have not ended.
    pub fn running(&self) -> usize {
        self.tasks.len()
    }

    /// Waits until nothing is left, at most `limit`; then ends what is. Nothing can be started afterwards. Returns the
    /// number of tasks that were ended early.
    pub async fn shutdown(&self, limit: Duration) -> usize {
        self.tasks.close();
        if tokio::time::timeout(limit, self.tasks.wait()).await.is_ok() {
            return 0;
        }
        let left = self.tasks.len();
        self.cancel.cancel();
        self.tasks.wait().await;
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn shutdown_waits_and_then_ends_what_is_left() {
        let background = Background::default();
        assert!(background.spawn(tokio::time::sleep(Duration::from_secs(1))));
        assert!(background.spawn(std::future::pending()));
        assert_eq!(background.shutdown(Duration::from_secs(2)).await, 1);
        assert!(!background.spawn(std::future::pending()), "nothing starts after a shutdown");
        assert_eq!(background.running(), 0);
    }
}
