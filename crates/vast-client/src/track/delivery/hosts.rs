//! The hosts of trackers: for each host the number of requests in flight, a limit of this number that adapts to the host, and a
//! circuit breaker.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;

use super::outcome::DeliveryOutcome;
use crate::policy::{Backoff, scaled};
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
        self.open = Some((now.after(scaled(bound, 0.5 + rng.f64() / 2.0)), times));
    }
}

/// The limit of a host of which nothing is known. A tracker could take a higher number of requests at once for an attack.
const FIRST_LIMIT: u32 = 8;

/// The largest number of beacons in flight to one host. It grows by one with each beacon that is accepted while the limit is used,
/// and is halved when the host shows that it has too much to do. After that it grows by one when as many beacons as the limit
/// were accepted (additive increase, multiplicative decrease).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct AdaptiveLimit {
    limit: u32,
    /// The time of the last decrease.
    halved: Option<Timestamp>,
    /// The beacons that were accepted since the last change.
    accepted: u32,
}

impl AdaptiveLimit {
    fn new(first: u32) -> Self {
        Self { limit: first, halved: None, accepted: 0 }
    }

    /// Records an attempt that began at `began`, when `in_flight` attempts were in flight, this one included.
    fn record(&mut self, outcome: DeliveryOutcome, began: Timestamp, in_flight: u32, now: Timestamp, most: u32) {
        match outcome {
            DeliveryOutcome::Accepted => {
                self.accepted += 1;
                let is_used = in_flight.saturating_mul(2) > self.limit;
                if is_used && (self.halved.is_none() || self.accepted >= self.limit) {
                    self.limit = most.min(self.limit + 1).max(self.limit);
                    self.accepted = 0;
                }
            }
            DeliveryOutcome::RetryLater | DeliveryOutcome::InDoubt | DeliveryOutcome::NotSent => {
                // The attempts that were in flight at a decrease belong to the same overload.
                if self.halved.is_none_or(|halved| began > halved) {
                    *self = Self { limit: (self.limit / 2).max(1), halved: Some(now), accepted: 0 };
                }
            }
            DeliveryOutcome::Rejected(_) => {}
        }
    }
}

/// The number of hosts that are remembered. Above it, hosts without beacons in flight and without an open breaker are
/// forgotten.
const MAX_HOSTS: usize = 10_000;

/// The hosts that have beacons in flight or have failed.
#[derive(Debug)]
pub(super) struct HostTable {
    first_limit: u32,
    most: u32,
    known: HashMap<Arc<str>, HostState>,
    /// The number of beacons that each known host may still get. A claim shares it until its end.
    rooms: Arc<HashMap<Arc<str>, u32>>,
    /// The hosts whose room may be another one than in `rooms`.
    changed: Vec<Arc<str>>,
    /// When blocked hosts may be probed.
    probes: BTreeSet<(Timestamp, Arc<str>)>,
}

#[derive(Debug)]
struct HostState {
    in_flight: u32,
    limit: AdaptiveLimit,
    breaker: CircuitBreaker,
}

impl HostState {
    fn room(&self, now: Timestamp) -> u32 {
        let most = match self.breaker.permit(now) {
            HostPermit::Normal => self.limit.limit,
            HostPermit::Probe => 1,
            HostPermit::Blocked(_) => 0,
        };
        most.saturating_sub(self.in_flight)
    }

    /// The time at which the host may be probed, if it is blocked.
    fn probe(&self) -> Option<Timestamp> {
        self.breaker.open.map(|(until, _)| until)
    }
}

impl HostTable {
    /// A table for at most `per_host` beacons in flight to one host, and `max_in_flight` to all hosts. One host can use a quarter of
    /// `max_in_flight`, so that a slow host leaves room for others.
    pub(super) fn new(per_host: u32, max_in_flight: usize) -> Self {
        let first_limit = per_host.min(FIRST_LIMIT);
        let quarter = u32::try_from(max_in_flight / 4).unwrap_or(u32::MAX);
        Self {
            first_limit,
            most: per_host.min(quarter).max(first_limit),
            known: HashMap::new(),
            rooms: Arc::default(),
            changed: Vec::new(),
            probes: BTreeSet::new(),
        }
    }

    /// The number of beacons that a host may get of which nothing is known.
    pub(super) fn first_limit(&self) -> u32 {
        self.first_limit
    }

    /// Records that an attempt begins.
    pub(super) fn begin(&mut self, name: &Arc<str>) {
        match self.known.get_mut(name) {
            Some(host) => host.in_flight += 1,
            None => {
                let (limit, breaker) = (AdaptiveLimit::new(self.first_limit), CircuitBreaker::default());
                self.known.insert(Arc::clone(name), HostState { in_flight: 1, limit, breaker });
            }
        }
        self.changed.push(Arc::clone(name));
    }

    /// Records that an attempt has ended that began at `began`. `outcome` is `None` if no request was sent.
    pub(super) fn end(
        &mut self,
        name: &Arc<str>,
        began: Timestamp,
        outcome: Option<DeliveryOutcome>,
        now: Timestamp,
        rng: &mut Rng,
    ) {
        let Some(host) = self.known.get_mut(name) else { return };
        let probe = host.probe();
        if let Some(outcome) = outcome {
            host.limit.record(outcome, began, host.in_flight, now, self.most);
            host.breaker.record(outcome.is_well(), now, rng);
        }
        host.in_flight = host.in_flight.saturating_sub(1);
        if host.probe() != probe {
            probe.map(|until| self.probes.remove(&(until, Arc::clone(name))));
            host.probe().map(|until| self.probes.insert((until, Arc::clone(name))));
        }
        if host.in_flight == 0 && host.breaker.is_fresh() && host.limit.limit >= self.first_limit {
            self.known.remove(name);
        }
        self.changed.push(Arc::clone(name));
        if self.known.len() > MAX_HOSTS {
            self.forget_idle(now);
        }
    }

    /// Forgets the hosts that have no beacon in flight and are not blocked.
    fn forget_idle(&mut self, now: Timestamp) {
        let is_held =
            |host: &HostState| host.in_flight > 0 || matches!(host.breaker.permit(now), HostPermit::Blocked(_));
        let Self { known, changed, probes, .. } = self;
        known.retain(|name, host| {
            let is_held = is_held(host);
            if !is_held {
                changed.push(Arc::clone(name));
                host.probe().map(|until| probes.remove(&(until, Arc::clone(name))));
            }
            is_held
        });
    }

    /// The number of beacons that each known host may still get. Only the hosts are looked at that have changed since the last
    /// call, and those that may be probed now.
    pub(super) fn allowances(&mut self, now: Timestamp) -> Arc<HashMap<Arc<str>, u32>> {
        let later = self.probes.split_off(&(now.after(Duration::from_millis(1)), "".into()));
        self.changed.extend(std::mem::replace(&mut self.probes, later).into_iter().map(|(_, name)| name));
        if !self.changed.is_empty() {
            let rooms = Arc::make_mut(&mut self.rooms);
            for name in self.changed.drain(..) {
                match self.known.get(&name) {
                    Some(host) => drop(rooms.insert(name, host.room(now))),
                    None => drop(rooms.remove(&name)),
                }
            }
        }
        Arc::clone(&self.rooms)
    }

    /// The time at which the next blocked host may be probed.
    pub(super) fn next_probe(&self, now: Timestamp) -> Option<Timestamp> {
        self.probes.iter().map(|(until, _)| *until).find(|until| *until > now)
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
        let (mut hosts, mut rng, now) = (HostTable::new(8, 256), Rng::with_seed(1), Timestamp::from_millis(1_000));
        let [busy, calm] = ["busy", "calm"].map(Arc::from);
        (0..8).for_each(|_| hosts.begin(&busy));
        hosts.begin(&calm);
        let allowances = hosts.allowances(now);
        assert_eq!((allowances.get("busy"), allowances.get("calm"), allowances.get("new")), (Some(&0), Some(&7), None));
        (0..8).for_each(|_| hosts.end(&busy, now, Some(DeliveryOutcome::InDoubt), now, &mut rng));
        hosts.end(&calm, now, Some(DeliveryOutcome::Accepted), now, &mut rng);
        assert_eq!(*hosts.allowances(now), HashMap::from([("busy".into(), 0)]));
        let probe = hosts.next_probe(now).expect("it is blocked");
        assert_eq!(hosts.allowances(probe).get("busy"), Some(&1));
        assert_eq!(hosts.next_probe(probe), None);
        hosts.begin(&busy);
        assert_eq!(hosts.allowances(probe).get("busy"), Some(&0), "one probe at a time");
        hosts.end(&busy, probe, Some(DeliveryOutcome::InDoubt), probe, &mut rng);
        assert_eq!(hosts.allowances(probe).get("busy"), Some(&0), "the probe failed");
        assert!(hosts.next_probe(probe).is_some_and(|next| next > probe));
    }

    #[test]
    fn the_allowances_of_an_earlier_claim_do_not_change() {
        let mut hosts = HostTable::new(8, 256);
        hosts.begin(&"a".into());
        let first = hosts.allowances(at(0));
        hosts.begin(&"a".into());
        assert_eq!((first.get("a"), hosts.allowances(at(0)).get("a")), (Some(&7), Some(&6)));
    }

    /// The limit of a host after rounds of attempts with the same outcome, all in flight at the same time.
    fn limit_after(per_host: u32, max_in_flight: usize, rounds: &[(DeliveryOutcome, u32)]) -> u32 {
        let (mut hosts, mut rng, name) = (HostTable::new(per_host, max_in_flight), Rng::with_seed(1), Arc::from("a"));
        let mut limit = hosts.first_limit();
        // It stays in flight, so that the host is not forgotten.
        hosts.begin(&name);
        for (second, (outcome, number)) in (1..).zip(rounds) {
            let number = if *number == 0 { limit } else { *number };
            (0..number).for_each(|_| hosts.begin(&name));
            (0..number).for_each(|_| hosts.end(&name, at(second), Some(*outcome), at(second), &mut rng));
            limit = hosts.known.get(&name).expect("it is known").limit.limit;
        }
        limit
    }

    #[test]
    fn an_idle_host_is_forgotten_unless_its_limit_is_low() {
        for (outcome, allowance) in [(DeliveryOutcome::Accepted, None), (DeliveryOutcome::RetryLater, Some(4))] {
            let (mut hosts, mut rng, name) = (HostTable::new(8, 256), Rng::with_seed(1), Arc::from("a"));
            hosts.begin(&name);
            hosts.end(&name, at(0), Some(outcome), at(1), &mut rng);
            assert_eq!(hosts.allowances(at(1)).get("a").copied(), allowance, "{outcome:?}");
        }
    }

    #[test]
    fn the_limit_grows_while_beacons_are_accepted_and_is_halved_once_per_overload() {
        use DeliveryOutcome::{Accepted, InDoubt, NotSent, Rejected, RetryLater};
        // A second number of 0 stands for as many attempts as the limit allows.
        for (rounds, expected) in [
            (&[][..], 8),
            (&[(Accepted, 3)], 8),
            (&[(Accepted, 0)], 12),
            (&[(Rejected(crate::track::outbox::DeadReason::Refused), 0)], 8),
            (&[(RetryLater, 4)], 4),
            (&[(InDoubt, 1), (NotSent, 1)], 2),
            (&[(RetryLater, 1), (RetryLater, 1), (RetryLater, 1), (RetryLater, 1)], 1),
            (&[(RetryLater, 1), (Accepted, 8)], 5),
        ] {
            assert_eq!(limit_after(256, 4_096, rounds), expected, "{rounds:?}");
        }
        let long = vec![(Accepted, 0); 40];
        for (per_host, max_in_flight, expected) in [(256, 4_096, 256), (256, 256, 64), (2, 256, 2), (20, 16, 8)] {
            assert_eq!(limit_after(per_host, max_in_flight, &long), expected, "{per_host} of {max_in_flight}");
        }
    }
}
