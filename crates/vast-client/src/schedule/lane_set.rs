//! The running lanes of a tier. Lanes that are ready at the same time are polled in the order of their sources: when the first
//! source wins, the answers of the others need not be read.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker, ready};

use futures_util::FutureExt;
use futures_util::task::AtomicWaker;
use smallvec::SmallVec;

/// Running lanes by their index.
pub(super) struct LaneSet<F> {
    /// A lane that was skipped or has ended is `None`.
    lanes: Vec<Option<LaneSlot<F>>>,
    running: usize,
    woken: Arc<WokenLanes>,
}

struct LaneSlot<F> {
    future: F,
    waker: Waker,
}

/// The lanes that were woken since their last poll, one bit each.
struct WokenLanes {
    words: SmallVec<[AtomicU64; 1]>,
    task: AtomicWaker,
}

struct LaneWaker {
    index: usize,
    woken: Arc<WokenLanes>,
}

impl Wake for LaneWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.woken.set(self.index) {
            self.woken.task.wake();
        }
    }
}

impl WokenLanes {
    /// Marks a lane as woken. Returns whether it was not.
    fn set(&self, index: usize) -> bool {
        let bit = 1 << (index % 64);
        self.words.get(index / 64).is_some_and(|word| word.fetch_or(bit, Ordering::AcqRel) & bit == 0)
    }
}

impl<F: Future + Unpin> LaneSet<F> {
    /// A set for lanes with indices below `most`.
    pub(super) fn new(most: usize) -> Self {
        let words = (0..most.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Self {
            lanes: Vec::with_capacity(most.min(4)),
            running: 0,
            woken: Arc::new(WokenLanes { words, task: AtomicWaker::new() }),
        }
    }

    /// The number of lanes that run.
    pub(super) fn len(&self) -> usize {
        self.running
    }

    /// Adds the lane `index`. Lanes are added in the order of their indices.
    pub(super) fn push(&mut self, index: usize, future: F) {
        self.lanes.resize_with(index, || None);
        let waker = Waker::from(Arc::new(LaneWaker { index, woken: Arc::clone(&self.woken) }));
        self.lanes.push(Some(LaneSlot { future, waker }));
        self.running += 1;
        self.woken.set(index);
    }

    /// The lanes that run.
    pub(super) fn iter(&self) -> impl Iterator<Item = &F> {
        self.lanes.iter().flatten().map(|lane| &lane.future)
    }

    /// The lane `index`, if it runs.
    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut F> {
        self.lanes.get_mut(index)?.as_mut().map(|lane| &mut lane.future)
    }

    /// Marks each lane as woken for which `is_due` is true. Returns whether there is one.
    pub(super) fn wake_each(&mut self, mut is_due: impl FnMut(&mut F) -> bool) -> bool {
        let mut has_woken = false;
        for (index, slot) in self.lanes.iter_mut().enumerate() {
            if slot.as_mut().is_some_and(|slot| is_due(&mut slot.future)) {
                self.woken.set(index);
                has_woken = true;
            }
        }
        has_woken
    }

    /// Polls the lane `index`, whether it was woken or not.
    pub(super) fn poll_lane(&mut self, index: usize, context: &mut Context<'_>) -> Poll<F::Output> {
        self.woken.task.register(context.waker());
        let slot = self.lanes.get_mut(index);
        slot.map_or(Poll::Pending, |slot| Self::poll_slot(slot, &mut self.running))
    }

    fn poll_slot(slot: &mut Option<LaneSlot<F>>, running: &mut usize) -> Poll<F::Output> {
        let Some(LaneSlot { future, waker }) = slot else { return Poll::Pending };
        let output = ready!(future.poll_unpin(&mut Context::from_waker(waker)));
        *slot = None;
        *running -= 1;
        Poll::Ready(output)
    }

    /// Polls each lane that was woken once, in order, until one ends.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<F::Output> {
        self.woken.task.register(context.waker());
        for (number, word) in self.woken.words.iter().enumerate() {
            if word.load(Ordering::Acquire) == 0 {
                continue;
            }
            let mut bits = word.swap(0, Ordering::AcqRel);
            while bits != 0 {
                // The lanes share the budget of their task. When it is used up, each of them would be polled in vain: they are
                // polled when the task has its next turn.
                if !tokio::task::coop::has_budget_remaining() {
                    word.fetch_or(bits, Ordering::AcqRel);
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                let index = number * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let Some(slot) = self.lanes.get_mut(index) else { continue };
                if let Poll::Ready(output) = Self::poll_slot(slot, &mut self.running) {
                    word.fetch_or(bits, Ordering::AcqRel);
                    return Poll::Ready(output);
                }
            }
        }
        Poll::Pending
    }
}

impl<F> Drop for LaneSet<F> {
    fn drop(&mut self) {
        // The lane that began last ends first.
        while self.lanes.pop().is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Mutex;

    use super::*;

    /// A lane that ends when it is polled for the second time; it notes each poll.
    fn lane(index: usize, polls: &Mutex<Vec<usize>>) -> impl Future<Output = usize> + Unpin {
        let mut is_over = false;
        poll_fn(move |cx| {
            polls.lock().expect("no panic").push(index);
            if is_over {
                return Poll::Ready(index);
            }
            is_over = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }

    #[tokio::test]
    async fn lanes_that_are_ready_are_polled_in_order() {
        let polls = Mutex::new(Vec::new());
        let mut set = LaneSet::new(200);
        // The third lane was skipped.
        for index in [0, 1, 3, 130] {
            set.push(index, lane(index, &polls));
        }
        let mut ended = Vec::new();
        while set.len() > 0 {
            ended.push(poll_fn(|cx| set.poll_next(cx)).await);
        }
        assert_eq!(ended, [0, 1, 3, 130]);
        assert_eq!(
            *polls.lock().expect("no panic"),
            [0, 1, 3, 130, 0, 1, 3, 130],
            "a lane is polled only when it was woken"
        );
    }

    #[tokio::test]
    async fn a_turn_of_the_task_ends_before_lanes_are_polled_in_vain() {
        const LANES: usize = 200;
        let polls = Mutex::new(0);
        let mut set = LaneSet::new(LANES);
        for index in 0..LANES {
            let mut left = 3;
            let polls = &polls;
            let lane = poll_fn(move |context| {
                *polls.lock().expect("no panic") += 1;
                while left > 0 {
                    ready!(tokio::task::coop::poll_proceed(context)).made_progress();
                    left -= 1;
                }
                Poll::Ready(index)
            });
            set.push(index, lane);
        }
        let run = async {
            for expected in 0..LANES {
                assert_eq!(poll_fn(|cx| set.poll_next(cx)).await, expected);
            }
        };
        run.await;
        let polls = *polls.lock().expect("no panic");
        // A turn has 128 operations: at its end, one lane may have come half of its way.
        assert!(polls <= LANES + LANES * 3 / 128 + 1, "{polls} polls of {LANES} lanes");
    }

    #[tokio::test]
    async fn a_lane_that_is_always_ready_does_not_keep_others_from_running() {
        let polls = Mutex::new(Vec::new());
        let mut set = LaneSet::new(2);
        let busy = poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::<usize>::Pending
        });
        set.push(0, busy.left_future());
        set.push(1, lane(1, &polls).right_future());
        assert_eq!(poll_fn(|cx| set.poll_next(cx)).await, 1);
    }
}
