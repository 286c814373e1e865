//! One host's breaker: a host that does not work is asked now and then, not by every beacon that waits for it.

use std::time::Duration;

use fastrand::Rng;

use super::super::outbox::Timestamp;

/// So many failures in a row open it.
const FAILURES: u32 = 5;
/// For how long it opens at first; doubled with each probe that fails.
const FIRST: Duration = Duration::from_secs(5);
/// The longest.
const LONGEST: Duration = Duration::from_secs(300);

/// What is known of a host. `now` comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Breaker {
    failures: u32,
    /// While it is open: until when, and how often in a row it has opened.
    open: Option<(Timestamp, u32)>,
}

/// How many beacons a host may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permit {
    /// As many as any.
    All,
    /// One, to see whether it works again.
    Probe,
    /// None until then.
    Wait(Timestamp),
}

impl Breaker {
    /// Takes in how a try ended.
    pub(super) fn record(&mut self, is_well: bool, now: Timestamp, rng: &mut Rng) {
        if is_well {
            *self = Self::default();
            return;
        }
        self.failures += 1;
        match self.open {
            // The tries that were under way when it opened say nothing new.
            Some((until, _)) if now < until => {}
            Some((_, times)) => self.open(times + 1, now, rng),
            None if self.failures >= FAILURES => self.open(1, now, rng),
            None => {}
        }
    }

    /// How many beacons the host may have now.
    pub(super) fn permit(&self, now: Timestamp) -> Permit {
        match self.open {
            None => Permit::All,
            Some((until, _)) if until <= now => Permit::Probe,
            Some((until, _)) => Permit::Wait(until),
        }
    }

    /// Whether there is anything to remember.
    pub(super) fn is_fresh(&self) -> bool {
        *self == Self::default()
    }

    fn open(&mut self, times: u32, now: Timestamp, rng: &mut Rng) {
        let bound = FIRST.saturating_mul(2u32.saturating_pow(times - 1)).min(LONGEST);
        // Half of it is certain, the rest is drawn: many clients must not probe at the same time.
        self.open = Some((now.after(bound.mul_f64(0.5 + rng.f64() / 2.0)), times));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn five_failures_open_it_a_probe_closes_it() {
        let (mut breaker, mut rng) = (Breaker::default(), Rng::with_seed(1));
        for _ in 0..4 {
            breaker.record(false, at(0), &mut rng);
        }
        assert_eq!(breaker.permit(at(0)), Permit::All);
        breaker.record(false, at(0), &mut rng);
        let Permit::Wait(until) = breaker.permit(at(0)) else { panic!("{breaker:?}") };
        assert!(until >= Timestamp::from_millis(2_500) && until <= at(5), "{until:?}");
        breaker.record(false, at(1), &mut rng);
        assert_eq!(breaker.permit(at(1)), Permit::Wait(until), "a straggler changes nothing");
        assert_eq!(breaker.permit(until), Permit::Probe);
        breaker.record(true, until, &mut rng);
        assert!(breaker.is_fresh());
    }

    #[test]
    fn each_failed_probe_doubles_the_wait_up_to_five_minutes() {
        let (mut breaker, mut rng) = (Breaker::default(), Rng::with_seed(1));
        let mut now = at(0);
        for _ in 0..FAILURES {
            breaker.record(false, now, &mut rng);
        }
        for bound in [5, 10, 20, 40, 80, 160, 300, 300] {
            let Permit::Wait(until) = breaker.permit(now) else { panic!("{breaker:?}") };
            let wait = until.since(now);
            let bound = Duration::from_secs(bound);
            assert!(wait >= bound / 2 && wait <= bound, "{wait:?} of {bound:?}");
            now = until;
            breaker.record(false, now, &mut rng);
        }
    }
}
