//! The load of the whole process: requests in flight, and how late the event loop is.
//!
//! Both are checked before anything of a request is read, so that a refusal costs almost nothing.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Why a request was shed: the gateway, a tenant or a client has too much load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumCount, strum::VariantArray, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Shed {
    /// Too many requests are in flight in this process.
    InFlight,
    /// The event loop of the process is late: there is more work than CPU.
    LoopLag,
    /// The tenant sends too many requests per second.
    TenantRate,
    /// Too many requests of the tenant are in flight.
    TenantInFlight,
    /// The client sends too many requests per second.
    ClientRate,
}

/// How often the lateness of the event loop is measured.
const TICK: Duration = Duration::from_millis(10);

/// Decides which requests the process takes at all.
#[derive(Debug)]
pub(crate) struct LoadShedder {
    max_in_flight: usize,
    in_flight: AtomicUsize,
    /// The share of requests to shed because of lag, in percent.
    lag_percent: AtomicU64,
    /// Requests that were compared with `lag_percent`: the shed ones are spread evenly over them.
    drawn: AtomicU64,
    lag: Mutex<LoopLag>,
}

/// A request in flight. Dropping it ends the request.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<LoadShedder>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl LoadShedder {
    /// At most `max_in_flight` requests at the same time.
    pub(crate) fn new(max_in_flight: usize) -> Arc<Self> {
        Arc::new(Self {
            max_in_flight,
            in_flight: AtomicUsize::new(0),
            lag_percent: AtomicU64::new(0),
            drawn: AtomicU64::new(0),
            lag: Mutex::new(LoopLag::new(Instant::now())),
        })
    }

    /// Takes a request or sheds it.
    ///
    /// # Errors
    /// The reason for which it is shed.
    pub(crate) fn enter(self: &Arc<Self>) -> Result<InFlight, Shed> {
        let before = self.in_flight.fetch_add(1, Ordering::Relaxed);
        let entered = InFlight(Arc::clone(self));
        if before >= self.max_in_flight {
            return Err(Shed::InFlight);
        }
        if self.is_shed_for_lag() {
            return Err(Shed::LoopLag);
        }
        Ok(entered)
    }

    /// Requests in flight.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// The longest lateness of the event loop in the last full second.
    pub(crate) fn lag(&self) -> Duration {
        self.measured().shown
    }

    /// The time since the event loop last turned: more than a second means that the process hangs.
    pub(crate) fn since_last_turn(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.measured().last_turn)
    }

    /// The share of requests that is shed because of lag, in percent.
    pub(crate) fn lag_percent(&self) -> u64 {
        self.lag_percent.load(Ordering::Relaxed)
    }

    fn is_shed_for_lag(&self) -> bool {
        let percent = self.lag_percent();
        if percent == 0 {
            return false;
        }
        let drawn = self.drawn.fetch_add(1, Ordering::Relaxed) % 100;
        (drawn + 1) * percent / 100 > drawn * percent / 100
    }

    /// Measures the lateness of the event loop until it is dropped.
    pub(super) async fn watch_lag(&self) -> Infallible {
        loop {
            let due = Instant::now() + TICK;
            sleep_until(due).await;
            let now = Instant::now();
            let percent = self.measured().turn(now, now - due);
            self.lag_percent.store(percent, Ordering::Relaxed);
        }
    }

    fn measured(&self) -> MutexGuard<'_, LoopLag> {
        self.lag.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How late the event loop is, and the share of requests to shed for it. Once per second the share grows by 10 percent if
/// a turn was more than 50 ms late, and shrinks by 10 percent if none was more than 20 ms late.
#[derive(Debug)]
struct LoopLag {
    percent: u64,
    /// The longest lateness since `since`.
    worst: Duration,
    since: Instant,
    /// The longest lateness of the second before.
    shown: Duration,
    last_turn: Instant,
}

impl LoopLag {
    const HIGH: Duration = Duration::from_millis(50);
    const LOW: Duration = Duration::from_millis(20);
    const STEP: u64 = 10;
    /// Some requests are always taken, because only they show that the load has ended.
    const MOST: u64 = 90;

    fn new(now: Instant) -> Self {
        Self { percent: 0, worst: Duration::ZERO, since: now, shown: Duration::ZERO, last_turn: now }
    }

    /// A turn of the event loop that was `late`. Returns the share to shed.
    fn turn(&mut self, now: Instant, late: Duration) -> u64 {
        self.last_turn = now;
        self.worst = self.worst.max(late);
        if now - self.since >= Duration::from_secs(1) {
            if self.worst > Self::HIGH {
                self.percent = (self.percent + Self::STEP).min(Self::MOST);
            } else if self.worst < Self::LOW {
                self.percent = self.percent.saturating_sub(Self::STEP);
            }
            self.shown = self.worst;
            self.worst = Duration::ZERO;
            self.since = now;
        }
        self.percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_over_the_limit_are_shed_until_one_ends() {
        let load = LoadShedder::new(2);
        let first = load.enter().unwrap();
        let _second = load.enter().unwrap();
        assert_eq!(load.enter().unwrap_err(), Shed::InFlight);
        assert_eq!(load.in_flight(), 2, "a shed request is not in flight");
        drop(first);
        load.enter().unwrap();
    }

    #[test]
    fn the_share_to_shed_follows_the_lateness_of_each_second() {
        let start = Instant::now();
        let mut lag = LoopLag::new(start);
        // The worst lateness of each second in milliseconds, and the share after it.
        let seconds: [(u64, u64); 9] =
            [(0, 0), (60, 10), (51, 20), (50, 20), (20, 20), (19, 10), (1_000, 20), (0, 10), (0, 0)];
        for (second, (late, percent)) in (1u64..).zip(seconds) {
            lag.turn(start + Duration::from_millis(second * 1_000 - 500), Duration::from_millis(late));
            let share = lag.turn(start + Duration::from_secs(second), Duration::ZERO);
            assert_eq!(share, percent, "second {second}");
            assert_eq!(lag.shown, Duration::from_millis(late));
        }
        for second in 10..40 {
            lag.turn(start + Duration::from_secs(second), Duration::from_secs(1));
        }
        assert_eq!(lag.percent, LoopLag::MOST);
    }

    #[test]
    fn shed_requests_are_spread_evenly() {
        for percent in [0, 10, 30, 90] {
            let load = LoadShedder::new(10);
            load.lag_percent.store(percent, Ordering::Relaxed);
            let shed: Vec<bool> = (0..200).map(|_| load.enter().is_err()).collect();
            assert_eq!(shed.iter().filter(|shed| **shed).count() as u64, 2 * percent);
            for ten in shed.chunks(10) {
                assert_eq!(ten.iter().filter(|shed| **shed).count() as u64, percent / 10, "{percent}");
            }
        }
    }
}
