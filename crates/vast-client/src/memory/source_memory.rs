//! The memory of one source.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use tokio::time::Instant;

use crate::error::FailureOrigin;
use crate::journal::SkipReason;
use crate::policy::{
    AnswerTime, Breaker, BreakerChange, BreakerSettings, BreakerState, ExtraRequest, Latency, OwnEjection, Permit,
    RateBucket, RetryBudget,
};
use crate::stats::SourceCounters;

/// The rules for asking a source that depend on what earlier requests have shown. They belong to a plan, and not to the memory,
/// because a newer plan may have others.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SourcePolicy {
    pub(crate) breaker: BreakerSettings,
    /// The number of lanes that may ask the source at the same time.
    pub(crate) max_concurrent: Option<u32>,
    /// The number of lanes that may ask the source per second.
    pub(crate) max_rate: Option<f64>,
}

/// The memory of one source. Turns write it when they end, and later requests read it.
#[derive(Debug)]
pub(crate) struct SourceMemory {
    /// The name of the source.
    pub(crate) name: Arc<str>,
    /// The latencies of the last responses.
    pub(crate) latency: Latency,
    /// The time per usable answer.
    pub(crate) answer_time: AnswerTime,
    /// What was counted over all requests.
    pub(crate) counters: Arc<SourceCounters>,
    state: Mutex<SourceState>,
}

#[derive(Debug, Default)]
struct SourceState {
    /// The turns that have begun and not ended.
    active: u32,
    /// Whether the host has ejected the source.
    is_ejected: bool,
    breaker: Breaker,
    retries: RetryBudget,
    rate: RateBucket,
}

impl SourceState {
    fn room(&self, policy: &SourcePolicy, now: Instant) -> Result<(), SkipReason> {
        if policy.max_concurrent.is_some_and(|most| self.active >= most) {
            return Err(SkipReason::Concurrency);
        }
        if policy.max_rate.is_some_and(|rate| !self.rate.has_token(rate, now)) {
            return Err(SkipReason::Rate);
        }
        Ok(())
    }
}

/// What the turn of a lane has shown of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TurnOutcome {
    /// The source had a usable ad.
    Usable,
    /// The source had no ad. It works: "no ad" is an answer.
    NoAd,
    /// The ads of the source were rejected. It works.
    Rejected,
    /// The source failed.
    Failed(FailureOrigin),
    /// The lane ended for a reason that does not concern the source: another source won, or the caller stopped.
    Cancelled,
}

/// What a turn has shown, and when.
pub(super) struct TurnEnd {
    pub(super) outcome: TurnOutcome,
    /// The time that the source took to respond, or the time until the turn was cut; `None` if the lane did nothing.
    pub(super) latency: Option<Duration>,
    pub(super) now: Instant,
}

impl SourceMemory {
    /// The memory of a source of which nothing is known.
    pub(crate) fn new(name: &Arc<str>) -> Self {
        Self {
            name: Arc::clone(name),
            latency: Latency::default(),
            answer_time: AnswerTime::default(),
            counters: Arc::default(),
            state: Mutex::default(),
        }
    }

    /// Whether the source is not ejected, and may be asked now under its limits. `is_ready` means that the limits do not matter.
    pub(crate) fn is_healthy(&self, policy: &SourcePolicy, now: Instant, is_ready: bool) -> bool {
        let state = self.lock();
        let is_closed = !policy.breaker.enabled || state.breaker.state(now) == BreakerState::Closed;
        is_closed && !state.is_ejected && (is_ready || state.room(policy, now).is_ok())
    }

    /// The state of the circuit breaker.
    pub(crate) fn breaker(&self, now: Instant) -> BreakerState {
        self.lock().breaker.state(now)
    }

    /// The ejection that own requests have caused.
    pub(crate) fn own_ejection(&self, now: Instant) -> Option<OwnEjection> {
        self.lock().breaker.own_ejection(now)
    }

    /// The process whose ejection of the source holds.
    pub(crate) fn adopted_from(&self) -> Option<u64> {
        self.lock().breaker.adopted_from()
    }

    /// Ejects the source, because the process `origin` has ejected it. Returns whether this has changed something.
    pub(crate) fn adopt_ejection(&self, policy: &SourcePolicy, origin: u64, left: Duration, now: Instant) -> bool {
        if !policy.breaker.enabled {
            return false;
        }
        let change = self.lock().breaker.adopt(origin, left, &policy.breaker, now);
        change.inspect(|change| change.log(&self.name, policy.breaker.simulate_only)).is_some()
    }

    /// Ends an ejection that was adopted from the process `origin`. Returns whether there was one.
    pub(crate) fn lift_ejection(&self, policy: &SourcePolicy, origin: u64, now: Instant) -> bool {
        let change = self.lock().breaker.lift(origin, now);
        change.inspect(|change| change.log(&self.name, policy.breaker.simulate_only)).is_some()
    }

    /// Whether the host has ejected the source.
    pub(crate) fn is_ejected(&self) -> bool {
        self.lock().is_ejected
    }

    /// Ejects the source until it is set to false. No turn begins then, whatever the circuit breaker says.
    pub(crate) fn set_ejected(&self, is_ejected: bool) {
        self.lock().is_ejected = is_ejected;
    }

    /// Begins a turn. With `is_forced` the turn begins although the circuit breaker has ejected the source.
    ///
    /// # Errors
    /// Why the source must not be asked now.
    pub(super) fn begin(&self, policy: &SourcePolicy, now: Instant, is_forced: bool) -> Result<Permit, SkipReason> {
        let mut state = self.lock();
        if state.is_ejected {
            return Err(SkipReason::Ejected);
        }
        let BreakerSettings { enabled, simulate_only, .. } = policy.breaker;
        if enabled && !simulate_only && !is_forced && !state.breaker.is_free(now) {
            return Err(SkipReason::BreakerOpen);
        }
        state.room(policy, now)?;
        if let Some(rate) = policy.max_rate {
            state.rate.take(rate, now);
        }
        state.active += 1;
        Ok(if enabled { state.breaker.ask(&policy.breaker, now) } else { Permit::Normal })
    }

    /// Records the end of a turn.
    pub(super) fn end(
        &self,
        policy: &SourcePolicy,
        permit: Permit,
        end: &TurnEnd,
        rng: impl FnOnce() -> Rng,
    ) -> Option<BreakerChange> {
        end.latency.into_iter().for_each(|latency| self.record_latency(end.outcome, latency));
        let is_healthy = match end.outcome {
            TurnOutcome::Usable | TurnOutcome::NoAd | TurnOutcome::Rejected => Some(true),
            TurnOutcome::Failed(FailureOrigin::Client) | TurnOutcome::Cancelled => None,
            TurnOutcome::Failed(_) => Some(false),
        };
        let mut state = self.lock();
        state.active = state.active.saturating_sub(1);
        match is_healthy {
            Some(is_healthy) if policy.breaker.enabled => {
                let change = state.breaker.record(permit, is_healthy, &policy.breaker, end.now, rng);
                if matches!(change, Some(BreakerChange::Ejected { .. })) {
                    self.counters.ejected();
                }
                change
            }
            _ => {
                state.breaker.release(permit, end.now);
                None
            }
        }
    }

    fn record_latency(&self, outcome: TurnOutcome, latency: Duration) {
        match outcome {
            TurnOutcome::Usable => self.answer_time.usable(latency),
            TurnOutcome::NoAd | TurnOutcome::Rejected | TurnOutcome::Failed(_) => self.answer_time.unusable(latency),
            TurnOutcome::Cancelled => self.answer_time.cut(latency),
        }
        match outcome {
            TurnOutcome::Usable | TurnOutcome::NoAd | TurnOutcome::Rejected => self.latency.record(latency),
            TurnOutcome::Cancelled => self.latency.record_at_least(latency),
            TurnOutcome::Failed(_) => {}
        }
    }

    /// Permits one more request than the host asked for, within the retry budget of the source; `None` if the budget is used up.
    pub(crate) fn extra_request(&self, extra: ExtraRequest) -> Option<ExtraPermit<'_>> {
        let mut state = self.lock();
        let active = state.active;
        // A permit that is dropped takes the lock, so none is made in vain.
        state.retries.take(extra, active).then(|| ExtraPermit(self))
    }

    /// Records that a document of the source arrived at the first attempt.
    pub(crate) fn answered_at_once(&self) {
        self.lock().retries.refill();
    }

    fn lock(&self) -> MutexGuard<'_, SourceState> {
        // A panic cannot leave the state half changed, so a poisoned lock is no problem.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The permit for an additional request. Drop it when the request has ended.
#[derive(Debug)]
pub(crate) struct ExtraPermit<'a>(&'a SourceMemory);

impl Drop for ExtraPermit<'_> {
    fn drop(&mut self) {
        self.0.lock().retries.end();
    }
}
