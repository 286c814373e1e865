//! A moment that every connection waits for.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Waker};

use tokio_util::sync::CancellationToken;

/// A moment that comes once. Every connection waits for it and is polled several times for each answer. So a wait takes the locks of the
/// token when it leaves a waker and when the moment has come, and in between it reads a flag.
#[derive(Debug, Default)]
pub(super) struct EndMoment {
    token: CancellationToken,
    has_come: AtomicBool,
}

impl EndMoment {
    /// The moment has come.
    pub(super) fn come(&self) {
        // First the flag: a task that the token wakes reads it.
        self.has_come.store(true, Ordering::Release);
        self.token.cancel();
    }

    pub(super) fn has_come(&self) -> bool {
        self.has_come.load(Ordering::Acquire)
    }

    /// Completes when the moment has come.
    pub(super) async fn wait(&self) {
        let mut cancelled = pin!(self.token.cancelled());
        let mut left: Option<Waker> = None;
        poll_fn(|cx| {
            let is_left = left.as_ref().is_some_and(|left| left.will_wake(cx.waker()));
            if is_left && !self.has_come() {
                return Poll::Pending;
            }
            left = Some(cx.waker().clone());
            cancelled.as_mut().poll(cx)
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt as _;
    use tokio_util::task::TaskTracker;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_wait_ends_also_one_that_begins_at_the_same_moment() {
        for _ in 0..200 {
            let (moment, waits) = (Arc::<EndMoment>::default(), TaskTracker::new());
            let wait = |_| {
                let moment = Arc::clone(&moment);
                waits.spawn(async move { moment.wait().await });
            };
            (0..4).for_each(wait);
            tokio::task::yield_now().await;
            let comes = Arc::clone(&moment);
            let coming = tokio::spawn(async move { comes.come() });
            (0..4).for_each(wait);
            waits.close();
            waits.wait().await;
            coming.await.expect("it comes");
            assert!(moment.has_come());
        }
    }

    #[tokio::test]
    async fn a_wait_goes_on_until_the_moment_comes() {
        let moment = EndMoment::default();
        let mut wait = pin!(moment.wait());
        for _ in 0..3 {
            assert!(futures_util::poll!(wait.as_mut()).is_pending());
        }
        moment.come();
        assert!(futures_util::poll!(wait.as_mut()).is_ready());
    }

    #[tokio::test]
    async fn a_wait_goes_on_in_another_task() {
        let moment = Arc::<EndMoment>::default();
        let waits = Arc::clone(&moment);
        let mut wait = Box::pin(async move { waits.wait().await });
        assert!(wait.as_mut().now_or_never().is_none());
        let waiting = tokio::spawn(wait);
        tokio::task::yield_now().await;
        moment.come();
        let ended = tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await;
        ended.expect("it ends").expect("no panic");
    }
}
