//! A timer that is kept for the next use.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::time::{Instant, Sleep};

use crate::policy::{Deadline, TimeLimit};

/// The timer of the exchanges of a lane, which are seldom made at the same time. To keep a timer is cheap; to begin and to end one costs
/// more than all other rules about time.
#[derive(Default)]
pub(crate) struct SpareTimer(Mutex<Option<Timer>>);

/// A timer that has been used.
struct Timer {
    sleep: Pin<Box<Sleep>>,
    /// Wakes the task that waits for the timer; `None` if no task does.
    waiting: Option<Waker>,
}

impl SpareTimer {
    /// The output of `poll`, or the limit of `deadline` if that passes before.
    pub(super) async fn within<T>(
        &self,
        deadline: Deadline,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Result<T, TimeLimit> {
        let mut used = None;
        let output = poll_fn(|context| {
            if let Poll::Ready(output) = poll(context) {
                return Poll::Ready(Ok(output));
            }
            let timer = used.get_or_insert_with(|| self.take(deadline.at()));
            timer.poll_at(deadline.at(), context).map(|()| Err(deadline.limit()))
        });
        let output = output.await;
        if let Some(used) = used {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(used);
        }
        output
    }

    /// The timer that is kept, or a new one for this time while that is in use.
    fn take(&self, at: Instant) -> Timer {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        kept.unwrap_or_else(|| Timer { sleep: Box::pin(tokio::time::sleep_until(at)), waiting: None })
    }
}

impl Timer {
    /// Ready at the time `at`.
    fn poll_at(&mut self, at: Instant, context: &mut Context<'_>) -> Poll<()> {
        let is_set = self.waiting.as_ref().is_some_and(|waker| waker.will_wake(context.waker()));
        if is_set && !self.sleep.is_elapsed() && self.sleep.deadline() <= at {
            // It wakes the task, perhaps too early, and is set to the right time then. Few exchanges last so long.
            return Poll::Pending;
        }
        if self.sleep.deadline() != at {
            self.sleep.as_mut().reset(at);
        }
        // A future that has used up its turn must not keep the timer from firing.
        let mut sleep = tokio::task::coop::unconstrained(self.sleep.as_mut());
        let fired = Pin::new(&mut sleep).poll(context);
        self.waiting = fired.is_pending().then(|| context.waker().clone());
        fired
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The time that a wait takes for a future that is ready after `work`, with a limit of `limit`.
    async fn waited(timer: &SpareTimer, work: u64, limit: u64) -> (Result<(), TimeLimit>, u64) {
        let began = Instant::now();
        let mut work = std::pin::pin!(tokio::time::sleep(Duration::from_millis(work)));
        let deadline = Deadline::after(began, Duration::from_millis(limit), TimeLimit::Hop);
        let end = timer.within(deadline, |context| work.as_mut().poll(context)).await;
        (end, u64::try_from(began.elapsed().as_millis()).expect("short"))
    }

    #[tokio::test(start_paused = true)]
    async fn each_limit_is_exact_although_the_timer_is_the_same() {
        let timer = SpareTimer::default();
        for (work, limit, expected) in [
            (100, 500, Ok(())),
            (600, 300, Err(TimeLimit::Hop)),
            (100, 5_000, Ok(())),
            (900, 20, Err(TimeLimit::Hop)),
            (0, 10, Ok(())),
            (900, 700, Err(TimeLimit::Hop)),
            // The timer that is kept fires during each of these, too early.
            (100, 200, Ok(())),
            (900, 1_000, Ok(())),
            (100, 300, Ok(())),
            (900, 800, Err(TimeLimit::Hop)),
        ] {
            let end = waited(&timer, work, limit).await;
            assert_eq!(end, (expected, work.min(limit)), "{work} {limit}");
        }
        let (first, second) = tokio::join!(waited(&timer, 900, 30), waited(&timer, 900, 60));
        assert_eq!([first.1, second.1], [30, 60], "two at the same time");
    }
}
