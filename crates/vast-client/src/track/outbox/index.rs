//! The index of the times at which beacons are due, by host. It is in memory and is rebuilt from the stored rows.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::interface::Claim;
use super::record::{DeliveryProgress, Record, Timestamp};

/// The beacons that wait, and the leases of those that are claimed.
#[derive(Debug, Default)]
pub(super) struct DueIndex {
    hosts: Vec<HostQueue>,
    /// Unused entries of `hosts`.
    free: Vec<usize>,
    by_name: HashMap<Arc<str>, usize>,
    /// The time at which the first beacon of each host is due.
    heads: BTreeSet<(Timestamp, usize)>,
    leases: HashMap<u64, Lease>,
    waiting: u64,
}

#[derive(Debug)]
struct HostQueue {
    name: Arc<str>,
    due: BTreeSet<(Timestamp, u64)>,
}

/// A claimed beacon until it is settled.
#[derive(Debug, Clone)]
pub(super) struct Lease {
    pub(super) until: Timestamp,
    /// The number of the claim.
    pub(super) claim: u64,
    pub(super) record: Arc<Record>,
    pub(super) progress: DeliveryProgress,
}

impl DueIndex {
    /// The number of beacons that wait, without those that are claimed.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting
    }

    pub(super) fn leased(&self) -> u64 {
        self.leases.len() as u64
    }

    /// Adds a beacon that waits.
    pub(super) fn insert(&mut self, id: u64, due: Timestamp, host: &str) {
        let place = self.place(host);
        self.change(place, |queue| queue.insert((due, id)));
        self.waiting += 1;
    }

    /// Removes a beacon; returns whether it was there.
    pub(super) fn remove(&mut self, id: u64, due: Timestamp, host: &str) -> bool {
        let Some(&place) = self.by_name.get(host) else { return false };
        let was_there = self.change(place, |queue| queue.remove(&(due, id)));
        self.waiting -= u64::from(was_there);
        was_there
    }

    /// Removes and returns beacons that are due, one host after the other, so that a long queue of one host does not delay the
    /// others.
    pub(super) fn take(&mut self, claim: &Claim) -> Vec<u64> {
        let mut taken = Vec::new();
        let mut given: HashMap<usize, u32> = HashMap::new();
        loop {
            let wants = claim.limit - taken.len();
            let round: Vec<usize> = self.open_hosts(claim, &given).take(wants).collect();
            if round.is_empty() {
                return taken;
            }
            for place in round {
                *given.entry(place).or_default() += 1;
                taken.extend(self.pop(place));
            }
        }
    }

    /// The time at which the next beacon is due or the next lease ends, whichever is first. Beacons of hosts that have
    /// reached their limit are ignored.
    pub(super) fn next(&self, claim: &Claim) -> Option<Timestamp> {
        let has_room = |(_, place): &&(Timestamp, usize)| allowance(claim, &self.hosts[*place].name) > 0;
        let due = self.heads.iter().find(has_room).map(|(due, _)| *due);
        due.into_iter().chain(self.leases.values().map(|lease| lease.until)).min()
    }

    pub(super) fn lease(&mut self, id: u64, lease: Lease) {
        self.leases.insert(id, lease);
    }

    /// Ends the lease of a beacon, if it has this number of attempts.
    pub(super) fn release(&mut self, id: u64, attempts: u32) -> Option<Lease> {
        let is_theirs = self.leases.get(&id).is_some_and(|lease| lease.progress.attempts == attempts);
        is_theirs.then(|| self.leases.remove(&id)).flatten()
    }

    /// Ends the leases whose time is over.
    pub(super) fn release_expired(&mut self, now: Timestamp) -> Vec<(u64, Lease)> {
        self.leases.extract_if(|_, lease| lease.until <= now).collect()
    }

    pub(super) fn is_leased(&self, id: u64) -> bool {
        self.leases.contains_key(&id)
    }

    /// The number of hosts with beacons that wait.
    #[cfg(test)]
    fn hosts(&self) -> usize {
        self.by_name.len()
    }

    fn open_hosts<'a>(&'a self, claim: &'a Claim, given: &'a HashMap<usize, u32>) -> impl Iterator<Item = usize> + 'a {
        let due = self.heads.iter().take_while(|(due, _)| *due <= claim.now).map(|(_, place)| *place);
        due.filter(|place| allowance(claim, &self.hosts[*place].name) > given.get(place).copied().unwrap_or_default())
    }

    fn pop(&mut self, place: usize) -> Option<u64> {
        let first = self.change(place, BTreeSet::pop_first)?;
        self.waiting -= 1;
        Some(first.1)
    }

    /// The entry of a host; a new one if the host is new.
    fn place(&mut self, host: &str) -> usize {
        if let Some(&place) = self.by_name.get(host) {
            return place;
        }
        let queue = HostQueue { name: host.into(), due: BTreeSet::new() };
        let name = Arc::clone(&queue.name);
        let place = match self.free.pop() {
            Some(place) => {
                self.hosts[place] = queue;
                place
            }
            None => {
                self.hosts.push(queue);
                self.hosts.len() - 1
            }
        };
        self.by_name.insert(name, place);
        place
    }

    /// Changes the queue of a host and updates its first due time. An empty queue is removed.
    fn change<T>(&mut self, place: usize, change: impl FnOnce(&mut BTreeSet<(Timestamp, u64)>) -> T) -> T {
        let queue = &mut self.hosts[place];
        let before = queue.due.first().map(|(due, _)| *due);
        let changed = change(&mut queue.due);
        let after = queue.due.first().map(|(due, _)| *due);
        if before != after {
            before.map(|due| self.heads.remove(&(due, place)));
            after.map(|due| self.heads.insert((due, place)));
        }
        if after.is_none() {
            self.by_name.remove(&self.hosts[place].name);
            self.free.push(place);
        }
        changed
    }
}

fn allowance(claim: &Claim, host: &str) -> u32 {
    claim.allowances.get(host).copied().unwrap_or(claim.per_host)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    fn claim(limit: usize, per_host: u32, allowances: &[(&str, u32)]) -> Claim {
        let allowances = allowances.iter().map(|(host, room)| (Arc::from(*host), *room)).collect();
        Claim { limit, per_host, allowances, now: NOW, lease: Duration::from_secs(60) }
    }

    fn filled() -> DueIndex {
        let mut index = DueIndex::default();
        for id in 0..5 {
            index.insert(id, Timestamp::from_millis(id), "busy");
        }
        index.insert(5, Timestamp::from_millis(900), "late");
        index.insert(6, Timestamp::from_millis(1_001), "future");
        index
    }

    #[test]
    fn hosts_take_turns_within_their_limits() {
        for (claim, expected) in [
            (claim(3, 8, &[]), vec![0, 5, 1]),
            (claim(9, 2, &[]), vec![0, 5, 1]),
            (claim(9, 8, &[("busy", 0)]), vec![5]),
            (claim(9, 8, &[("busy", 1)]), vec![0, 5]),
            (claim(1, 8, &[]), vec![0]),
            (claim(0, 8, &[]), vec![]),
        ] {
            let mut index = filled();
            assert_eq!(index.take(&claim), expected, "{claim:?}");
            assert_eq!(index.waiting(), 7 - expected.len() as u64);
        }
    }

    #[test]
    fn the_next_due_time_is_of_a_host_within_its_limit() {
        let mut index = filled();
        assert_eq!(index.next(&claim(9, 8, &[("busy", 0)])), Some(Timestamp::from_millis(900)));
        assert_eq!(index.next(&claim(9, 8, &[("busy", 0), ("late", 0)])), Some(Timestamp::from_millis(1_001)));
        index.take(&claim(9, 8, &[]));
        assert_eq!(index.next(&claim(9, 8, &[])), Some(Timestamp::from_millis(1_001)));
        assert_eq!(index.next(&claim(9, 0, &[])), None);
    }

    #[test]
    fn hosts_without_beacons_need_no_memory() {
        let mut index = DueIndex::default();
        for id in 0..100 {
            let host = format!("host-{id}");
            index.insert(id, NOW, &host);
            assert!(index.remove(id, NOW, &host) && !index.remove(id, NOW, &host));
        }
        assert_eq!((index.hosts(), index.hosts.len(), index.heads.len(), index.waiting()), (0, 1, 0, 0));
    }
}
