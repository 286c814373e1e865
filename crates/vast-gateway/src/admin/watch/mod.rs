//! What the dashboard knows of the past: the numbers of the last minute, and since when a source is ill. One task takes a sample each
//! second, whether a page is open or not.

mod condition;
mod history;
mod sample;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};
use vast_client::stats::SourceStats;
use vast_client::track::outbox::OutboxStats;

use crate::serve::StopSignal;
use crate::state::GatewayState;
use condition::Conditions;
pub(super) use condition::{SourceCondition, SourceHealth};
pub(super) use history::{History, SECONDS, SecondNumbers};
pub(super) use sample::{PlacementSample, Sample};

/// The time between two samples.
const PERIOD: Duration = Duration::from_secs(1);
/// Every fifth sample is kept, so that the samples of a minute need little memory.
const KEPT_EACH: u64 = 5;
/// The samples that are kept: one minute.
const KEPT: usize = 12;
/// A source fails if it has failed in half or more of the requests since this kept sample, counted from the newest: 10 to 15 seconds.
const RECENT: usize = 3;
/// The largest number of dashboards that are open at the same time.
const MOST_READERS: usize = 32;
/// The largest number of requests that are replayed at the same time. A replay needs a processor for some milliseconds.
const MOST_REPLAYS: usize = 2;
/// The largest number of tags that are tested at the same time.
const MOST_TESTS: usize = 4;
/// The longest wait for the numbers of the outbox. A disk may be slow.
const OUTBOX_TIME: Duration = Duration::from_millis(500);

/// What the dashboard knows of the past.
pub(crate) struct Watch {
    state: Arc<GatewayState>,
    past: Mutex<Past>,
    numbers: watch::Sender<Bytes>,
    places: Arc<Semaphore>,
    /// Bounds how many requests are replayed at the same time.
    pub(super) replays: Semaphore,
    /// Bounds how many tags are tested at the same time.
    pub(super) tests: Semaphore,
}

/// The samples of the last minute, and what follows from them.
#[derive(Default)]
pub(super) struct Past {
    /// The oldest first.
    samples: VecDeque<Sample>,
    conditions: Conditions,
    pub(super) history: History,
    pub(super) outbox: Option<OutboxStats>,
}

impl Past {
    /// The sample with which the last minute begins.
    pub(super) fn minute(&self) -> Option<&Sample> {
        self.samples.front()
    }

    /// The condition of a source whose numbers since the start are `source` now. The newest sample may be older than that, and a page
    /// must not contradict what other routes say at the same time.
    pub(super) fn health(&self, placement: &str, source: &SourceStats, wall: SystemTime) -> SourceHealth {
        self.conditions.with(placement, source, self.recent(), wall)
    }

    /// The sample with which the last seconds begin.
    fn recent(&self) -> Option<&Sample> {
        self.samples.get(self.samples.len().saturating_sub(RECENT))
    }
}

impl Watch {
    /// Takes the first sample, so that the numbers of the last minute have the first requests too.
    pub(crate) fn new(state: &Arc<GatewayState>) -> Arc<Self> {
        let samples = VecDeque::from([Sample::take(state).for_keeping()]);
        Arc::new(Self {
            state: Arc::clone(state),
            past: Mutex::new(Past { samples, ..Past::default() }),
            numbers: watch::Sender::new(Bytes::new()),
            places: Arc::new(Semaphore::new(MOST_READERS)),
            replays: Semaphore::new(MOST_REPLAYS),
            tests: Semaphore::new(MOST_TESTS),
        })
    }

    /// Takes samples, and gives their readers the numbers as `event` writes them. It does not end.
    pub(super) async fn run(&self, event: fn(&GatewayState, &Past) -> Bytes) {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for number in 0_u64.. {
            ticks.tick().await;
            let is_kept = number % KEPT_EACH == 0;
            if is_kept {
                self.ask_outbox().await;
            }
            self.take_sample(is_kept);
            if self.numbers.receiver_count() > 0 {
                self.numbers.send_replace(event(&self.state, &self.past()));
            }
        }
    }

    /// The numbers of each second, and a place among their readers; `None` if all places are taken.
    pub(super) fn follow(&self) -> Option<(watch::Receiver<Bytes>, OwnedSemaphorePermit)> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        Some((self.numbers.subscribe(), place))
    }

    pub(super) fn past(&self) -> MutexGuard<'_, Past> {
        // A panic cannot leave the samples in a wrong state, so a poisoned lock is no problem.
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The signal that ends the gateway.
    pub(super) fn stop(&self) -> &StopSignal {
        &self.state.stop
    }

    pub(super) fn idle_timeout(&self) -> Duration {
        self.state.generation().server.idle_timeout
    }

    fn take_sample(&self, is_kept: bool) {
        let sample = Sample::take(&self.state);
        let wall = self.state.env.wall();
        let mut past = self.past();
        past.history.update(&sample);
        let mut conditions = std::mem::take(&mut past.conditions);
        conditions.update(&sample, past.recent(), wall);
        past.conditions = conditions;
        if is_kept {
            if past.samples.len() >= KEPT {
                past.samples.pop_front();
            }
            past.samples.push_back(sample.for_keeping());
        }
    }

    async fn ask_outbox(&self) {
        let stats = timeout(OUTBOX_TIME, self.state.client.tracker().outbox().stats()).await;
        self.past().outbox = stats.ok();
    }
}
