//! The hosts of trackers: for each host the number of requests in flight, and a circuit breaker.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;

use crate::policy::Backoff;
use crate::track::outbox::Timestamp;

/// The circuit breaker opens after this many failures in a row.
const FAILURES: u32 = 5;
/// The time for which the circuit breaker stays open. It doubles with each probe that fails.
const OPEN: Backoff = Backoff { delay: Duration::from_secs(5), max_delay: Duration::from_secs(300) };

/// The circuit breaker of one host. A host that fails gets one probe at a time instead of all beacons that wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct CircuitBreaker {
    failures: u32,
    /// If the breaker is open: the end of that time, and how often in a row it has opened.
    open: Option<(Timestamp, u32)>,
}

/// The number of beacons that a host may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostPermit {
    /// The usual number.
    Normal,
    /// One beacon, to test whether the host works again.
    Probe,
    /// No beacon before this time.
    Blocked(Timestamp),
}

impl CircuitBreaker {
    /// Records whether the host worked in an attempt that has ended.
    pub(super) fn record(&mut self, is_well: bool, now: Timestamp, rng: &mut Rng) {
        if is_well {
            *self = Self::default();
            return;
        }
        self.failures += 1;
        match self.open {
            // Attempts that were in flight when the breaker opened are not probes.
            Some((until, _)) if now < until => {}
            Some((_, times)) => self.open(times + 1, now, rng),
            None if self.failures >= FAILURES => self.open(1, now, rng),
            None => {}
        }
    }

    /// How many beacons the host may get now.
    pub(super) fn permit(&self, now: Timestamp) -> HostPermit {
        match self.open {
            None => HostPermit::Normal,
            Some((until, _)) if until <= now => HostPermit::Probe,
            Some((until, _)) => HostPermit::Blocked(until),
        }
    }

    /// Whether the breaker is closed and has counted no failures.
    pub(super) fn is_fresh(&self) -> bool {
        *self == Self::default()
    }

    fn open(&mut self, times: u32, now: Timestamp, rng: &mut Rng) {
        let bound = OPEN.bound(times);
        // Half of the time is fixed and half is random, so that many clients do not probe at the same time.
        self.open = Some((now.after(bound.mul_f64(0.5 + rng.f64() / 2.0)), times));
    }
}

/// The number of hosts that are remembered. Above it, hosts without beacons in flight and without an open breaker are
/// forgotten.
const MAX_HOSTS: usize = 10_000;

/// The hosts that have beacons in flight or have failed.
#[derive(Debug)]
pub(super) struct HostTable {
    per_host: u32,
    known: HashMap<Arc<str>, HostState>,
}

#[derive(Debug, Default)]
struct HostState {
    in_flight: u32,
    breaker: CircuitBreaker,
}

impl HostTable {
    pub(super) fn new(per_host: u32) -> Self {
        Self { per_host, known: HashMap::new() }
    }

    /// Records that an attempt begins.
    pub(super) fn begin(&mut self, name: &str) {
        match self.known.get_mut(name) {
            Some(host) => host.in_flight += 1,
            None => drop(self.known.insert(name.into(), HostState { in_flight: 1, ..HostState::default() })),
        }
    }

    /// Records that an attempt has ended. `is_well` is `None` if no request was sent.
    pub(super) fn end(&mut self, name: &str, is_well: Option<bool>, now: Timestamp, rng: &mut Rng) {
        let Some(host) = self.known.get_mut(name) else { return };
        host.in_flight = host.in_flight.saturating_sub(1);
        if let Some(is_well) = is_well {
            host.breaker.record(is_well, now, rng);
        }
        if host.in_flight == 0 && host.breaker.is_fresh() {
            self.known.remove(name);
        }
        if self.known.len() > MAX_HOSTS {
            let is_held =
                |host: &HostState| host.in_flight > 0 || matches!(host.breaker.permit(now), HostPermit::Blocked(_));
            self.known.retain(|_, host| is_held(host));
        }
    }

    /// The number of beacons that each known host may still get. Unknown hosts may get the usual number.
    pub(super) fn allowances(&self, now: Timestamp) -> HashMap<Arc<str>, u32> {
        let room = |host: &HostState| {
            let most = match host.breaker.permit(now) {
                HostPermit::Normal => self.per_host,
                HostPermit::Probe => 1,
                HostPermit::Blocked(_) => 0,
            };
            most.saturating_sub(host.in_flight)
        };
        self.known.iter().map(|(name, host)| (Arc::clone(name), room(host))).collect()
    }

    /// The time at which the next blocked host may be probed.
    pub(super) fn next_probe(&self, now: Timestamp) -> Option<Timestamp> {
        let until = |host: &HostState| match host.breaker.permit(now) {
            HostPermit::Blocked(until) => Some(until),
            HostPermit::Normal | HostPermit::Probe => None,
        };
        self.known.values().filter_map(until).min()
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
        let (mut breaker, mut rng) = (CircuitBreaker::default(), Rng::with_seed(1));
        for _ in 0..4 {
            breaker.record(false, at(0), &mut rng);
        }
        assert_eq!(breaker.permit(at(0)), HostPermit::Normal);
        breaker.record(false, at(0), &mut rng);
        let HostPermit::Blocked(until) = breaker.permit(at(0)) else { panic!("{breaker:?}") };
        assert!(until >= Timestamp::from_millis(2_500) && until <= at(5), "{until:?}");
        breaker.record(false, at(1), &mut rng);
        assert_eq!(breaker.permit(at(1)), HostPermit::Blocked(until), "a straggler changes nothing");
        assert_eq!(breaker.permit(until), HostPermit::Probe);
        breaker.record(true, until, &mut rng);
        assert!(breaker.is_fresh());
    }

    #[test]
    fn each_failed_probe_doubles_the_wait_up_to_five_minutes() {
        let (mut breaker, mut rng) = (CircuitBreaker::default(), Rng::with_seed(1));
        let mut now = at(0);
        for _ in 0..FAILURES {
            breaker.record(false, now, &mut rng);
        }
        for bound in [5, 10, 20, 40, 80, 160, 300, 300] {
            let HostPermit::Blocked(until) = breaker.permit(now) else { panic!("{breaker:?}") };
            let wait = until.since(now);
            let bound = Duration::from_secs(bound);
            assert!(wait >= bound / 2 && wait <= bound, "{wait:?} of {bound:?}");
            now = until;
            breaker.record(false, now, &mut rng);
        }
    }

    #[test]
    fn a_host_gets_a_limited_number_of_beacons_and_one_as_a_probe() {
        let (mut hosts, mut rng, now) = (HostTable::new(8), Rng::with_seed(1), Timestamp::from_millis(1_000));
        (0..8).for_each(|_| hosts.begin("busy"));
        hosts.begin("calm");
        let allowances = hosts.allowances(now);
        assert_eq!((allowances.get("busy"), allowances.get("calm"), allowances.get("new")), (Some(&0), Some(&7), None));
        (0..8).for_each(|_| hosts.end("busy", Some(false), now, &mut rng));
        hosts.end("calm", Some(true), now, &mut rng);
        assert_eq!(hosts.allowances(now).into_iter().collect::<Vec<_>>(), [("busy".into(), 0)]);
        let probe = hosts.next_probe(now).expect("it is held off");
        assert_eq!(hosts.allowances(probe).get("busy"), Some(&1));
        hosts.begin("busy");
        assert_eq!(hosts.allowances(probe).get("busy"), Some(&0), "one probe at a time");
    }
}
