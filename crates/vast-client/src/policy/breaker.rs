//! The circuit breaker of a source: a source that fails is ejected for a while, then asked once as a probe.

mod adoption;

use std::time::Duration;

use fastrand::Rng;
use tokio::time::Instant;

pub use adoption::OwnEjection;

use super::time::{later, scaled};

/// The part of the requests that must fail within [`Window`] to eject a source, in percent.
const FAILED_PERCENT: u32 = 85;
/// The requests that the window must have for that rule.
const ENOUGH: u32 = 50;
/// The seconds of the window. Each time that a source has not been ejected for this number of seconds, one earlier ejection is
/// forgotten.
const SECONDS: usize = 10;
const INTERVAL: Duration = Duration::from_secs(SECONDS as u64);
/// An ejection is up to this part shorter or longer, so that many processes do not probe a source at the same time.
const JITTER: f64 = 0.1;

/// The settings of a circuit breaker.
///
/// A source is ejected after [`failures`](Self::failures) failed requests in a row, or when at least 85 % of at least 50 requests
/// within 10 seconds failed. An ejected source is skipped ([`SkipReason::BreakerOpen`](crate::journal::SkipReason)). When the
/// ejection is over, one request asks it as a probe. If the probe succeeds, the source is asked as before. If it
/// fails, the source is ejected again, for a longer time.
///
/// "No ad" and rejected ads are not failures. Requests that another source has won are not failures either. At most half of the sources of
/// a request, rounded up, are skipped for this reason. If no source of a request is healthy, all are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerSettings {
    /// Whether sources are ejected. Default `true`.
    pub enabled: bool,
    /// The failures in a row after which the source is ejected. Default 5.
    pub failures: u32,
    /// The length of the first ejection. The next one in a row is longer by the same time. Default 30 s. The real time is up to
    /// 10 % shorter or longer.
    pub eject: Duration,
    /// The longest ejection. Default 300 s.
    pub eject_max: Duration,
    /// Whether ejections are only logged: the source is asked as if it was healthy. Default `false`.
    pub simulate_only: bool,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            failures: 5,
            eject: Duration::from_secs(30),
            eject_max: Duration::from_secs(300),
            simulate_only: false,
        }
    }
}

impl BreakerSettings {
    /// The length of ejection number `ejections` in a row, from 1.
    fn ejection(&self, ejections: u32, rng: &mut Rng) -> Duration {
        let length = self.eject.saturating_mul(ejections).min(self.eject_max);
        scaled(length, 1.0 - JITTER + 2.0 * JITTER * rng.f64())
    }
}

/// Whether one more ejected source of a request may be skipped: at most half of its sources are, rounded up, and none if no source is
/// healthy. Rounded down, one of two ill sources next to a healthy one would be asked by every request, which would wait for it.
/// `sources` is the number of all sources that the request may ask, `healthy` the number of those that are not ejected, `skipped`
/// the number of those that were skipped already.
pub(crate) fn may_skip(sources: usize, healthy: usize, skipped: usize) -> bool {
    healthy > 0 && skipped * 2 < sources
}

/// The state of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum BreakerState {
    /// The source is asked.
    Closed,
    /// The source is ejected.
    Open,
    /// The ejection is over. One request at a time may ask the source.
    HalfOpen,
}

impl BreakerState {
    /// The name used in results: `closed`, `open`, `half_open`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What the breaker knows about a request that asks the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permit {
    /// The source was not ejected.
    Normal,
    /// The request is the probe with this number.
    Probe(u32),
    /// The source was ejected, but it is asked, because too few other sources can be asked.
    Despite,
    /// The source would have been ejected, but ejections are only simulated.
    Simulated,
}

/// A change of the state of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BreakerChange {
    /// The source was ejected for this time. It is the ejection with this number in a row.
    Ejected { length: Duration, ejections: u32 },
    /// The source was ejected for this time, because another process has ejected it.
    Adopted { length: Duration },
    /// The source is asked again.
    Closed,
}

impl BreakerChange {
    /// Logs the change of the state of a source.
    pub(crate) fn log(self, source: &str, simulated: bool) {
        let open = BreakerState::Open.as_str();
        match self {
            Self::Ejected { length, ejections } => {
                let seconds = length.as_secs_f64();
                tracing::warn!(source, state = open, seconds, ejections, simulated, "source ejected");
            }
            Self::Adopted { length } => {
                let seconds = length.as_secs_f64();
                tracing::warn!(source, state = open, seconds, simulated, "source ejected, as another process has done");
            }
            Self::Closed => {
                tracing::warn!(source, state = BreakerState::Closed.as_str(), simulated, "source asked again");
            }
        }
    }
}

/// The circuit breaker of one source.
#[derive(Debug, Clone, Default)]
pub(crate) struct Breaker {
    phase: BreakerPhase,
    /// The failures since the last success.
    failures: u32,
    window: Window,
    /// The number of ejections in a row.
    ejections: u32,
    /// The number of the last probe.
    probe: u32,
    /// The number of ejections by own requests so far.
    own_ejections: u64,
    /// The process whose ejection holds; `None` if the source is not ejected, or own requests have ejected it.
    adopted_from: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum BreakerPhase {
    /// Since when the source is asked again; `None` if it was never ejected.
    #[default]
    Fresh,
    Closed {
        since: Instant,
    },
    Ejected {
        until: Instant,
    },
    Probed {
        probe: u32,
    },
}

impl Breaker {
    /// The state of the source.
    pub(crate) fn state(&self, now: Instant) -> BreakerState {
        match self.phase {
            BreakerPhase::Fresh | BreakerPhase::Closed { .. } => BreakerState::Closed,
            BreakerPhase::Ejected { until } if now < until => BreakerState::Open,
            BreakerPhase::Ejected { .. } | BreakerPhase::Probed { .. } => BreakerState::HalfOpen,
        }
    }

    /// Whether a request may ask the source now: it is not ejected, or the probe is free.
    pub(crate) fn is_free(&self, now: Instant) -> bool {
        match self.phase {
            BreakerPhase::Fresh | BreakerPhase::Closed { .. } => true,
            BreakerPhase::Ejected { until } => now >= until,
            BreakerPhase::Probed { .. } => false,
        }
    }

    /// The permit of a request that asks the source now. Every permit is given back: with [`record`](Self::record), or with
    /// [`release`](Self::release).
    pub(crate) fn ask(&mut self, settings: &BreakerSettings, now: Instant) -> Permit {
        match self.phase {
            BreakerPhase::Fresh | BreakerPhase::Closed { .. } => Permit::Normal,
            BreakerPhase::Ejected { until } if now >= until => {
                self.probe = self.probe.wrapping_add(1);
                self.phase = BreakerPhase::Probed { probe: self.probe };
                Permit::Probe(self.probe)
            }
            BreakerPhase::Ejected { .. } | BreakerPhase::Probed { .. } if settings.simulate_only => Permit::Simulated,
            BreakerPhase::Ejected { .. } | BreakerPhase::Probed { .. } => Permit::Despite,
        }
    }

    /// Gives back the permit of a request that has shown nothing of the source. The next request may be the probe.
    pub(crate) fn release(&mut self, permit: Permit, now: Instant) {
        if let Permit::Probe(probe) = permit
            && self.phase == (BreakerPhase::Probed { probe })
        {
            self.phase = BreakerPhase::Ejected { until: now };
        }
    }

    /// Gives back the permit of a request that the source has answered (`is_healthy`), or in which it has failed.
    pub(crate) fn record(
        &mut self,
        permit: Permit,
        is_healthy: bool,
        settings: &BreakerSettings,
        now: Instant,
        rng: impl FnOnce() -> Rng,
    ) -> Option<BreakerChange> {
        let is_probe = matches!(permit, Permit::Probe(probe) if self.phase == (BreakerPhase::Probed { probe }));
        match (self.phase, is_healthy) {
            (BreakerPhase::Fresh | BreakerPhase::Closed { .. }, _) => {
                self.window.add(is_healthy, now);
                self.failures = if is_healthy { 0 } else { self.failures.saturating_add(1) };
                let is_ejected = !is_healthy && (self.failures >= settings.failures || self.window.is_failing());
                is_ejected.then(|| self.eject(settings, now, &mut rng()))
            }
            (_, true) if is_probe || permit == Permit::Despite => Some(self.close(now)),
            (_, false) if is_probe => Some(self.eject(settings, now, &mut rng())),
            // The request began before the ejection, or the source was asked although it is ejected, and has failed again.
            _ => None,
        }
    }

    fn close(&mut self, now: Instant) -> BreakerChange {
        self.phase = BreakerPhase::Closed { since: now };
        (self.failures, self.window) = (0, Window::default());
        self.adopted_from = None;
        BreakerChange::Closed
    }

    fn eject(&mut self, settings: &BreakerSettings, now: Instant, rng: &mut Rng) -> BreakerChange {
        if let BreakerPhase::Closed { since } = self.phase {
            let intervals = now.saturating_duration_since(since).as_secs() / INTERVAL.as_secs();
            self.ejections = self.ejections.saturating_sub(u32::try_from(intervals).unwrap_or(u32::MAX));
        }
        self.ejections = self.ejections.saturating_add(1);
        self.own_ejections += 1;
        self.adopted_from = None;
        let length = settings.ejection(self.ejections, rng);
        self.phase = BreakerPhase::Ejected { until: later(now, length) };
        BreakerChange::Ejected { length, ejections: self.ejections }
    }
}

/// The requests of the last seconds: for each second how many ended, and how many of them failed.
#[derive(Debug, Clone, Copy, Default)]
struct Window {
    /// The beginning of second number 0.
    origin: Option<Instant>,
    /// The number of the newest second.
    newest: u64,
    seconds: [Second; SECONDS],
}

#[derive(Debug, Clone, Copy, Default)]
struct Second {
    ended: u32,
    failed: u32,
}

impl Window {
    fn add(&mut self, is_healthy: bool, now: Instant) {
        let origin = *self.origin.get_or_insert(now);
        let number = now.saturating_duration_since(origin).as_secs();
        if number >= self.newest + SECONDS as u64 {
            self.seconds = Default::default();
            self.newest = number;
        }
        while self.newest < number {
            self.newest += 1;
            *self.second(self.newest) = Second::default();
        }
        let second = self.second(self.newest);
        second.ended = second.ended.saturating_add(1);
        second.failed = second.failed.saturating_add(u32::from(!is_healthy));
    }

    fn second(&mut self, number: u64) -> &mut Second {
        #[allow(clippy::cast_possible_truncation, clippy::indexing_slicing)] // A remainder of the length.
        &mut self.seconds[(number % SECONDS as u64) as usize]
    }

    fn is_failing(&self) -> bool {
        let sum =
            |count: fn(&Second) -> u32| self.seconds.iter().fold(0, |sum: u32, one| sum.saturating_add(count(one)));
        let (ended, failed) = (sum(|second| second.ended), sum(|second| second.failed));
        ended >= ENOUGH && u64::from(failed) * 100 >= u64::from(ended) * u64::from(FAILED_PERCENT)
    }
}

#[cfg(test)]
mod tests;
