//! The index of the times at which beacons are due, by host. It is in memory and is rebuilt from the stored rows.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::interface::Claim;
use super::record::{DeliveryProgress, Record, StoredBeacon, Timestamp};

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
    /// The claims with beacons that are not settled yet.
    claims: HashMap<u64, ClaimLeases>,
    /// The time at which the leases of each of these claims end.
    ends: BTreeSet<(Timestamp, u64)>,
    waiting: u64,
}

/// A host with beacons that wait or are claimed.
#[derive(Debug)]
struct HostQueue {
    name: Arc<str>,
    due: BTreeSet<(Timestamp, u64)>,
    /// The number of beacons that are claimed.
    claimed: usize,
}

#[derive(Debug)]
struct ClaimLeases {
    until: Timestamp,
    /// All beacons of the claim, also those that are settled.
    beacons: Vec<u64>,
    /// The number of beacons that are not settled.
    open: usize,
}

/// A claimed beacon until it is settled.
#[derive(Debug, Clone)]
pub(super) struct Lease {
    /// The number of the claim.
    pub(super) claim: u64,
    pub(super) record: Arc<Record>,
    pub(super) progress: DeliveryProgress,
    place: usize,
}

/// A beacon that [`DueIndex::take`] has removed from the queue of its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TakenBeacon {
    pub(super) id: u64,
    place: usize,
}

/// A host whose first beacon is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct DueHost {
    due: Timestamp,
    place: usize,
    /// How many beacons of the host may still be taken.
    room: u32,
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
        self.forget_unused(place);
        was_there
    }

    /// Removes and returns beacons that are due, one host after the other, so that a long queue of one host does not delay the
    /// others. Each of them is then leased or left out.
    pub(super) fn take(&mut self, claim: &Claim) -> Vec<TakenBeacon> {
        let mut taken = Vec::new();
        let mut open = self.due_hosts(claim);
        let places: Vec<usize> = open.iter().map(|host| host.place).collect();
        for &DueHost { due, place, .. } in &open {
            self.heads.remove(&(due, place));
        }
        while !open.is_empty() && taken.len() < claim.limit {
            open.truncate(claim.limit - taken.len());
            for &DueHost { place, .. } in &open {
                let queue = &mut self.hosts[place];
                queue.claimed += 1;
                taken.extend(queue.due.pop_first().map(|(_, id)| TakenBeacon { id, place }));
            }
            open = open.into_iter().filter_map(|host| self.still_due(host, claim.now)).collect();
            open.sort_unstable();
        }
        for place in places {
            self.heads.extend(self.hosts[place].due.first().map(|(due, _)| (*due, place)));
        }
        self.waiting -= taken.len() as u64;
        taken
    }

    /// The hosts whose first beacon is due and that may get beacons, the longest due first: as many as the claim may return
    /// beacons.
    fn due_hosts(&self, claim: &Claim) -> Vec<DueHost> {
        let due = self.heads.iter().take_while(|(due, _)| *due <= claim.now);
        let hosts = due.map(|&(due, place)| DueHost { due, place, room: allowance(claim, &self.hosts[place].name) });
        hosts.filter(|host| host.room > 0).take(claim.limit).collect()
    }

    /// The host after one of its beacons was taken, if another one may be taken now.
    fn still_due(&self, host: DueHost, now: Timestamp) -> Option<DueHost> {
        let (due, _) = *self.hosts[host.place].due.first()?;
        (host.room > 1 && due <= now).then_some(DueHost { due, room: host.room - 1, ..host })
    }

    /// The time at which the next beacon is due or the next lease ends, whichever is first. Beacons of hosts that have
    /// reached their limit are ignored.
    pub(super) fn next(&self, claim: &Claim) -> Option<Timestamp> {
        let has_room = |(_, place): &&(Timestamp, usize)| allowance(claim, &self.hosts[*place].name) > 0;
        let due = self.heads.iter().find(has_room).map(|(due, _)| *due);
        due.into_iter().chain(self.ends.first().map(|(until, _)| *until)).min()
    }

    /// The name of the host of a beacon that was taken.
    pub(super) fn host_of(&self, taken: TakenBeacon) -> &Arc<str> {
        &self.hosts[taken.place].name
    }

    /// Leaves out a beacon that was taken: it is neither leased nor does it wait.
    pub(super) fn leave_out(&mut self, taken: TakenBeacon) {
        self.end_one(taken.place);
    }

    /// Leases beacons that were taken to a claim.
    pub(super) fn lease(&mut self, claim: u64, until: Timestamp, beacons: Vec<(TakenBeacon, StoredBeacon)>) {
        let ids: Vec<u64> = beacons.iter().map(|(taken, _)| taken.id).collect();
        self.ends.insert((until, claim));
        self.claims.insert(claim, ClaimLeases { until, open: ids.len(), beacons: ids });
        for (TakenBeacon { id, place }, StoredBeacon { record, progress }) in beacons {
            self.leases.insert(id, Lease { claim, record, progress, place });
        }
    }

    /// Ends the lease of a beacon, if it has this number of attempts. The second value is whether its claim has no open beacon
    /// left.
    pub(super) fn release(&mut self, id: u64, attempts: u32) -> Option<(Lease, bool)> {
        let Entry::Occupied(lease) = self.leases.entry(id) else { return None };
        if lease.get().progress.attempts != attempts {
            return None;
        }
        let lease = lease.remove();
        self.end_one(lease.place);
        let Entry::Occupied(mut claim) = self.claims.entry(lease.claim) else { return Some((lease, false)) };
        claim.get_mut().open -= 1;
        let is_over = claim.get().open == 0;
        if is_over {
            self.ends.remove(&(claim.remove().until, lease.claim));
        }
        Some((lease, is_over))
    }

    /// Ends the leases of the first claim whose time is over, and the claim.
    pub(super) fn release_expired(&mut self, now: Timestamp) -> Option<(u64, Vec<(u64, Lease)>)> {
        let &(until, number) = self.ends.first().filter(|(until, _)| *until <= now)?;
        self.ends.remove(&(until, number));
        let beacons = self.claims.remove(&number).map_or_else(Vec::new, |claim| claim.beacons);
        let mut released = Vec::new();
        for id in beacons {
            // A beacon that was settled may be leased to a newer claim.
            if let Entry::Occupied(lease) = self.leases.entry(id)
                && lease.get().claim == number
            {
                released.push((id, lease.remove()));
            }
        }
        released.iter().for_each(|(_, lease)| self.end_one(lease.place));
        Some((number, released))
    }

    pub(super) fn is_leased(&self, id: u64) -> bool {
        self.leases.contains_key(&id)
    }

    /// The number of hosts with beacons that wait or are claimed.
    #[cfg(test)]
    fn hosts(&self) -> usize {
        self.by_name.len()
    }

    /// The entry of a host; a new one if the host is new.
    fn place(&mut self, host: &str) -> usize {
        if let Some(&place) = self.by_name.get(host) {
            return place;
        }
        let queue = HostQueue { name: host.into(), due: BTreeSet::new(), claimed: 0 };
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

    /// Changes the queue of a host and updates its first due time.
    fn change<T>(&mut self, place: usize, change: impl FnOnce(&mut BTreeSet<(Timestamp, u64)>) -> T) -> T {
        let queue = &mut self.hosts[place];
        let before = queue.due.first().map(|(due, _)| *due);
        let changed = change(&mut queue.due);
        let after = queue.due.first().map(|(due, _)| *due);
        if before != after {
            before.map(|due| self.heads.remove(&(due, place)));
            after.map(|due| self.heads.insert((due, place)));
        }
        changed
    }

    /// A claimed beacon of the host is settled, or its lease has ended.
    fn end_one(&mut self, place: usize) {
        self.hosts[place].claimed -= 1;
        self.forget_unused(place);
    }

    /// Removes a host that has no beacons.
    fn forget_unused(&mut self, place: usize) {
        let HostQueue { name, due, claimed } = &self.hosts[place];
        if due.is_empty() && *claimed == 0 {
            self.by_name.remove(name);
            self.free.push(place);
        }
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
        Claim { limit, per_host, allowances: Arc::new(allowances), now: NOW, lease: Duration::from_secs(60) }
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
            let taken: Vec<u64> = index.take(&claim).iter().map(|taken| taken.id).collect();
            assert_eq!(taken, expected, "{claim:?}");
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
            index.insert(id, NOW, &host);
            let taken = index.take(&claim(1, 1, &[]));
            assert_eq!((&**index.host_of(taken[0]), index.hosts()), (&*host, 1));
            index.leave_out(taken[0]);
        }
        assert_eq!((index.hosts(), index.hosts.len(), index.heads.len(), index.waiting()), (0, 1, 0, 0));
    }
}
