//! Ejections of other processes: a source that is ill for one of them is ill for all.

use std::time::Duration;

use tokio::time::Instant;

use super::super::time::{later, scaled};
use super::{Breaker, BreakerChange, BreakerPhase, BreakerSettings, JITTER};

/// The ejection of a source by the requests of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnEjection {
    /// Counts the ejections of the source since the start of the process, from 1.
    pub number: u64,
    /// The time until the source is probed; zero if it may be probed or is being probed.
    pub left: Duration,
}

impl Breaker {
    /// The ejection that own requests have caused and that is not over; `None` also while that of another process holds.
    pub(crate) fn own_ejection(&self, now: Instant) -> Option<OwnEjection> {
        let left = match self.phase {
            BreakerPhase::Fresh | BreakerPhase::Closed { .. } => return None,
            BreakerPhase::Ejected { until } => until.saturating_duration_since(now),
            BreakerPhase::Probed { .. } => Duration::ZERO,
        };
        self.adopted_from.is_none().then_some(OwnEjection { number: self.own_ejections, left })
    }

    /// The process whose ejection holds; `None` if there is none.
    pub(crate) fn adopted_from(&self) -> Option<u64> {
        self.adopted_from
    }

    /// Ejects the source for the time that is left of the ejection by the process `origin`. It is at most the longest one of
    /// `settings`. Afterwards own requests decide: the next one is a probe. A probe that runs decides too.
    pub(crate) fn adopt(
        &mut self,
        origin: u64,
        left: Duration,
        settings: &BreakerSettings,
        now: Instant,
    ) -> Option<BreakerChange> {
        let length = left.min(scaled(settings.eject_max, 1.0 + JITTER));
        let until = later(now, length);
        let is_longer = match self.phase {
            BreakerPhase::Fresh | BreakerPhase::Closed { .. } => true,
            // An own ejection ends by its own probe, and others rely on it.
            BreakerPhase::Ejected { until: holds } => self.adopted_from.is_some() && holds < until,
            BreakerPhase::Probed { .. } => false,
        };
        if !is_longer {
            return None;
        }
        // Failures before it are those of the same illness.
        self.failures = 0;
        self.phase = BreakerPhase::Ejected { until };
        self.adopted_from = Some(origin);
        Some(BreakerChange::Adopted { length })
    }

    /// Ends the ejection that was adopted from the process `origin`, because that process has found that the source works.
    pub(crate) fn lift(&mut self, origin: u64, now: Instant) -> Option<BreakerChange> {
        let is_ejected = matches!(self.phase, BreakerPhase::Ejected { .. });
        (is_ejected && self.adopted_from == Some(origin)).then(|| self.close(now))
    }
}
