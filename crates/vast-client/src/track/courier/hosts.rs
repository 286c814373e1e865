//! What is known of the hosts that beacons go to: how many are under way, and whether they work.

use std::collections::HashMap;
use std::sync::Arc;

use fastrand::Rng;

use super::super::outbox::Timestamp;
use super::breaker::{Breaker, Permit};

/// How many hosts that nothing is under way to are remembered before those that are not held off are forgotten.
const REMEMBERED: usize = 10_000;

/// The hosts that have beacons under way or have failed.
#[derive(Debug)]
pub(super) struct Hosts {
    per_host: u32,
    known: HashMap<Arc<str>, Host>,
}

#[derive(Debug, Default)]
struct Host {
    in_flight: u32,
    breaker: Breaker,
}

impl Hosts {
    pub(super) fn new(per_host: u32) -> Self {
        Self { per_host, known: HashMap::new() }
    }

    /// A beacon is on its way.
    pub(super) fn begin(&mut self, name: &str) {
        match self.known.get_mut(name) {
            Some(host) => host.in_flight += 1,
            None => drop(self.known.insert(name.into(), Host { in_flight: 1, ..Host::default() })),
        }
    }

    /// A beacon's try has ended; `None`: it was not tried.
    pub(super) fn end(&mut self, name: &str, is_well: Option<bool>, now: Timestamp, rng: &mut Rng) {
        let Some(host) = self.known.get_mut(name) else { return };
        host.in_flight = host.in_flight.saturating_sub(1);
        if let Some(is_well) = is_well {
            host.breaker.record(is_well, now, rng);
        }
        if host.in_flight == 0 && host.breaker.is_fresh() {
            self.known.remove(name);
        }
        if self.known.len() > REMEMBERED {
            let is_held = |host: &Host| host.in_flight > 0 || matches!(host.breaker.permit(now), Permit::Wait(_));
            self.known.retain(|_, host| is_held(host));
        }
    }

    /// The hosts that may not have as many more as any other.
    pub(super) fn allowances(&self, now: Timestamp) -> HashMap<Arc<str>, u32> {
        let room = |host: &Host| {
            let most = match host.breaker.permit(now) {
                Permit::All => self.per_host,
                Permit::Probe => 1,
                Permit::Wait(_) => 0,
            };
            most.saturating_sub(host.in_flight)
        };
        self.known.iter().map(|(name, host)| (Arc::clone(name), room(host))).collect()
    }

    /// When the next host that is held off may be probed.
    pub(super) fn next_probe(&self, now: Timestamp) -> Option<Timestamp> {
        let until = |host: &Host| match host.breaker.permit(now) {
            Permit::Wait(until) => Some(until),
            Permit::All | Permit::Probe => None,
        };
        self.known.values().filter_map(until).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_so_many_at_once_and_one_as_a_probe() {
        let (mut hosts, mut rng, now) = (Hosts::new(8), Rng::with_seed(1), Timestamp::from_millis(1_000));
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
