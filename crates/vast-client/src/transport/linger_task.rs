//! One task reads all exchanges of a client that linger (whose response is no longer wanted). One task and one timer for each exchange
//! would cost more than reading its response.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::runtime::Id;
use tokio::time::{Instant, Sleep};

use super::next_part::UnwantedExchange;
use crate::policy::later;

/// The list of ends keeps entries of exchanges that have ended. It is cleaned when it has more than this many entries for each
/// exchange that has not ended.
const ENDED_PER_EXCHANGE: usize = 2;
/// A list of ends with at most this many entries is not cleaned.
const SHORT_LIST: usize = 64;

/// A place among the exchanges that may linger.
pub(super) struct LingerPlace(Arc<AtomicUsize>);

impl LingerPlace {
    /// One of `most` places, if one is free.
    pub(super) fn take(taken: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        if taken.fetch_add(1, Ordering::Relaxed) < most {
            return Some(Self(Arc::clone(taken)));
        }
        taken.fetch_sub(1, Ordering::Relaxed);
        None
    }
}

impl Drop for LingerPlace {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An exchange and its place.
pub(super) type Lingerer = (UnwantedExchange, LingerPlace);

/// The way to the task.
pub(super) struct LingerQueue {
    /// The runtime of the task. Exchanges of another runtime must not depend on it, because it may stand still.
    runtime: Id,
    state: Mutex<QueueState>,
    task: AtomicWaker,
}

#[derive(Default)]
struct QueueState {
    /// Exchanges that the task has not taken over yet.
    arrived: Vec<Lingerer>,
    /// The places of the exchanges that were woken.
    woken: Vec<usize>,
    /// Whether the task has ended.
    is_over: bool,
}

impl LingerQueue {
    /// Gives an exchange of this runtime to the task. It is returned if the task has ended or is one of another runtime.
    pub(super) fn add(&self, runtime: Id, lingerer: Lingerer) -> Option<Lingerer> {
        let mut state = self.state();
        if state.is_over || self.runtime != runtime {
            return Some(lingerer);
        }
        state.arrived.push(lingerer);
        drop(state);
        self.task.wake();
        None
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        // A panic cannot leave the lists in a wrong state, so a poisoned lock is no problem.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the task for the exchange at one place.
struct PlaceWaker {
    place: usize,
    queue: Arc<LingerQueue>,
}

impl Wake for PlaceWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.queue.state().woken.push(self.place);
        self.queue.task.wake();
    }
}

/// The memory of one exchange. It is used again when the exchange has ended.
struct Seat {
    exchange: Option<Lingerer>,
    /// The number of exchanges that were here before.
    generation: u64,
    waker: Waker,
}

/// The end of the time of an exchange.
struct EndOfTime {
    at: Instant,
    place: usize,
    generation: u64,
}

/// Reads exchanges until none is left.
pub(super) struct LingerTask {
    queue: Arc<LingerQueue>,
    /// For how long an exchange is read at most.
    time: Duration,
    seats: Vec<Seat>,
    free: Vec<usize>,
    /// The ends in the order of time: every exchange may take equally long, so a new end is always the last one.
    ends: VecDeque<EndOfTime>,
    /// The timer for the first entry of `ends`. It may fire earlier, if the exchange for which it was set has ended.
    alarm: Option<Pin<Box<Sleep>>>,
    /// The lists of the queue while the task works on them. They are kept, so that no list grows anew each time.
    arrived: Vec<Lingerer>,
    woken: Vec<usize>,
}

impl LingerTask {
    /// A task for an exchange of this runtime, and the way to the task.
    pub(super) fn new(runtime: Id, time: Duration, first: Lingerer) -> (Arc<LingerQueue>, Self) {
        let state = QueueState { arrived: vec![first], ..QueueState::default() };
        let queue = Arc::new(LingerQueue { runtime, state: Mutex::new(state), task: AtomicWaker::new() });
        let task = Self {
            queue: Arc::clone(&queue),
            time,
            seats: Vec::new(),
            free: Vec::new(),
            ends: VecDeque::new(),
            alarm: None,
            arrived: Vec::new(),
            woken: Vec::new(),
        };
        (queue, task)
    }

    /// The number of exchanges that linger.
    fn len(&self) -> usize {
        self.seats.len() - self.free.len()
    }

    /// Takes over the exchanges that have arrived.
    fn take_over(&mut self) {
        if self.arrived.is_empty() {
            return;
        }
        let at = later(Instant::now(), self.time);
        let mut arrived = std::mem::take(&mut self.arrived);
        for lingerer in arrived.drain(..) {
            let place = self.free.pop().unwrap_or_else(|| {
                let (place, queue) = (self.seats.len(), Arc::clone(&self.queue));
                let waker = Waker::from(Arc::new(PlaceWaker { place, queue }));
                self.seats.push(Seat { exchange: None, generation: 0, waker });
                place
            });
            let Some(seat) = self.seats.get_mut(place) else { continue };
            seat.exchange = Some(lingerer);
            self.ends.push_back(EndOfTime { at, place, generation: seat.generation });
            self.woken.push(place);
        }
        self.arrived = arrived;
        if self.ends.len() > SHORT_LIST + ENDED_PER_EXCHANGE * self.len() {
            let seats = &self.seats;
            self.ends.retain(|end| is_running(seats, end));
        }
    }

    /// Polls the exchanges that were woken.
    fn read(&mut self) {
        for place in self.woken.drain(..) {
            let Some(seat) = self.seats.get_mut(place) else { continue };
            let Some((exchange, _)) = &mut seat.exchange else { continue };
            if exchange.poll_end(&mut Context::from_waker(&seat.waker)).is_ready() {
                seat.end();
                self.free.push(place);
            }
        }
    }

    /// Drops the exchanges whose time is over, and sets the alarm for the next one.
    fn poll_time(&mut self, context: &mut Context<'_>) {
        loop {
            while self.ends.front().is_some_and(|end| !is_running(&self.seats, end)) {
                self.ends.pop_front();
            }
            let Some(EndOfTime { at, place, .. }) = self.ends.front() else { return };
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(*at)));
            if alarm.as_mut().poll(context).is_pending() {
                return;
            }
            if *at <= alarm.deadline() {
                self.seats.get_mut(*place).into_iter().for_each(Seat::end);
                self.free.push(*place);
            } else {
                // The exchange for which the alarm was set has ended before.
                alarm.as_mut().reset(*at);
            }
        }
    }
}

impl Seat {
    fn end(&mut self) {
        self.exchange = None;
        self.generation += 1;
    }
}

/// Whether the exchange that this entry belongs to still runs.
fn is_running(seats: &[Seat], end: &EndOfTime) -> bool {
    seats.get(end.place).is_some_and(|seat| seat.generation == end.generation)
}

impl Future for LingerTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        this.queue.task.register(context.waker());
        loop {
            {
                let mut state = this.queue.state();
                std::mem::swap(&mut state.arrived, &mut this.arrived);
                std::mem::swap(&mut state.woken, &mut this.woken);
                if this.len() == 0 && this.arrived.is_empty() {
                    state.is_over = true;
                    return Poll::Ready(());
                }
            }
            this.take_over();
            this.read();
            this.poll_time(context);
            if this.len() > 0 {
                return Poll::Pending;
            }
        }
    }
}

impl Drop for LingerTask {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        state.is_over = true;
        let arrived = std::mem::take(&mut state.arrived);
        drop(state);
        drop(self.queue.task.take());
        // Not under the lock: the end of an exchange may wake others.
        drop(arrived);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::runtime::Handle;

    use super::super::next_part::NextPart;
    use super::super::{TransportError, TransportErrorKind};
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn lingerer(next: NextPart, taken: &Arc<AtomicUsize>) -> Lingerer {
        let place = LingerPlace::take(taken, 100).expect("a free place");
        (UnwantedExchange::new(next, 1024, None), place)
    }

    /// An exchange whose server never answers.
    fn silent(taken: &Arc<AtomicUsize>) -> Lingerer {
        lingerer(NextPart::Head(std::future::pending().boxed()), taken)
    }

    /// An exchange that ends at once.
    fn broken(taken: &Arc<AtomicUsize>) -> Lingerer {
        let error = TransportError::new(TransportErrorKind::Reset, "the connection is closed");
        lingerer(NextPart::Head(std::future::ready(Err(error)).boxed()), taken)
    }

    #[tokio::test(start_paused = true)]
    async fn each_exchange_of_the_task_ends_at_its_own_time() {
        let (taken, runtime) = (Arc::default(), Handle::current().id());
        let (queue, task) = LingerTask::new(runtime, SECOND, silent(&taken));
        let task = tokio::spawn(task);
        for _ in 0..3 {
            tokio::time::sleep(SECOND / 10).await;
            assert!(queue.add(runtime, silent(&taken)).is_none(), "the task takes it");
        }
        let mut left = Vec::new();
        tokio::time::sleep(SECOND * 7 / 10 - Duration::from_millis(1)).await;
        for _ in 0..8 {
            left.push(taken.load(Ordering::Relaxed));
            tokio::time::sleep(SECOND / 20).await;
        }
        assert_eq!(left, [4, 3, 3, 2, 2, 1, 1, 0]);
        task.await.expect("no panic");
        assert!(queue.add(runtime, silent(&taken)).is_some(), "the task has ended");
    }

    #[tokio::test(start_paused = true)]
    async fn exchanges_that_have_ended_leave_nothing() {
        let (taken, runtime) = (Arc::default(), Handle::current().id());
        let (queue, mut task) = LingerTask::new(runtime, SECOND, silent(&taken));
        for _ in 0..1_000 {
            assert!(queue.add(runtime, broken(&taken)).is_none());
            assert!((&mut task).now_or_never().is_none(), "one exchange lingers");
        }
        assert_eq!((taken.load(Ordering::Relaxed), task.seats.len()), (1, 2));
        assert!(task.ends.len() <= SHORT_LIST + 2 * ENDED_PER_EXCHANGE + 1, "{}", task.ends.len());
        tokio::time::sleep(SECOND).await;
        assert!((&mut task).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_task_that_is_dropped_drops_its_exchanges() {
        let (taken, runtime) = (Arc::default(), Handle::current().id());
        let (queue, task) = LingerTask::new(runtime, SECOND, silent(&taken));
        assert!(queue.add(runtime, silent(&taken)).is_none());
        drop(task);
        assert_eq!(taken.load(Ordering::Relaxed), 0);
        assert!(queue.add(runtime, silent(&taken)).is_some());
    }

    #[test]
    fn a_task_of_another_runtime_takes_no_exchange() {
        let new = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (one, other, taken) = (new(), new(), Arc::default());
        let (queue, _task) = LingerTask::new(one.handle().id(), SECOND, silent(&taken));
        assert!(queue.add(other.handle().id(), silent(&taken)).is_some());
        assert!(queue.add(one.handle().id(), silent(&taken)).is_none());
    }

    #[test]
    fn the_places_are_limited() {
        let taken = Arc::default();
        let places: Vec<_> = (0..5).map(|_| LingerPlace::take(&taken, 3)).collect();
        assert_eq!(places.iter().flatten().count(), 3);
        drop(places);
        assert!(LingerPlace::take(&taken, 1).is_some());
    }
}
