//! Work that continues after a request has ended: connections that are read to their end, beacons that are sent. Each
//! client has one set of such tasks, and its owner can wait for the set and end it.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A set of background tasks. Cheap to clone; clones are the same set.
#[derive(Debug, Clone, Default)]
pub(crate) struct BackgroundTasks {
    tasks: TaskTracker,
    cancel: CancellationToken,
}

impl BackgroundTasks {
    /// Runs `work` until it ends or [`shutdown`](Self::shutdown) cancels it. Returns whether it was started: nothing is
    /// started after a shutdown or outside a tokio runtime.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> bool {
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
    #[cfg(test)]
    pub(crate) fn running(&self) -> usize {
        self.tasks.len()
    }

    /// Waits at most `limit` for all tasks, then cancels the rest. Nothing can be started afterwards. Returns the number
    /// of tasks that were cancelled.
    pub(crate) async fn shutdown(&self, limit: Duration) -> usize {
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
    async fn shutdown_waits_and_then_cancels_the_rest() {
        let background = BackgroundTasks::default();
        assert!(background.spawn(tokio::time::sleep(Duration::from_secs(1))));
        assert!(background.spawn(std::future::pending()));
        assert_eq!(background.shutdown(Duration::from_secs(2)).await, 1);
        assert!(!background.spawn(std::future::pending()), "nothing starts after a shutdown");
        assert_eq!(background.running(), 0);
    }
}
