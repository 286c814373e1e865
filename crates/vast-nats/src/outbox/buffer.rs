//! The beacons that this gateway has received: those that wait for a claim, and those that are claimed.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use vast_client::track::outbox::{Claim, DeliveryProgress, Timestamp};

use crate::broker::{Receipt, Received};
use crate::message::QueuedBeacon;
use crate::names::number_of;

/// The number of beacons of a host that stay in the buffer for each one that the host may get. The others wait in a stream, so that one
/// slow host does not fill the buffer.
const KEPT_PER_ROOM: usize = 4;
/// The number of beacons that are received ahead of the first claim.
const FIRST_ROOM: usize = 64;

/// A beacon that was received and is not claimed.
#[derive(Debug)]
pub(super) struct UnclaimedBeacon {
    pub(super) received: Received,
    pub(super) beacon: QueuedBeacon,
}

/// A claimed beacon.
#[derive(Debug, Clone)]
pub(super) struct HeldBeacon {
    pub(super) receipt: Receipt,
    pub(super) beacon: QueuedBeacon,
    /// The number of the row that the claim has written.
    pub(super) row: u64,
    /// The progress at the time of the claim.
    pub(super) progress: DeliveryProgress,
    pub(super) lease_end: Timestamp,
}

/// The beacons that a claim gets.
#[derive(Debug, Default)]
pub(super) struct ClaimSelection {
    pub(super) claimed: Vec<UnclaimedBeacon>,
    /// The beacons whose host has no room.
    pub(super) without_room: Vec<UnclaimedBeacon>,
}

#[derive(Debug)]
pub(super) struct Buffer {
    hosts: HashMap<Arc<str>, VecDeque<UnclaimedBeacon>>,
    /// The hosts with beacons, in the order of their turns.
    turns: VecDeque<Arc<str>>,
    waiting: usize,
    /// The number of beacons that may wait here.
    room: usize,
    held: HashMap<u64, HeldBeacon>,
    last_claim: Timestamp,
}

impl Default for Buffer {
    fn default() -> Self {
        Self {
            hosts: HashMap::new(),
            turns: VecDeque::new(),
            waiting: 0,
            room: FIRST_ROOM,
            held: HashMap::new(),
            last_claim: Timestamp::ZERO,
        }
    }
}

impl Buffer {
    /// The number of beacons that may still be received.
    pub(super) fn room(&self) -> usize {
        self.room.saturating_sub(self.waiting)
    }

    pub(super) fn add(&mut self, one: UnclaimedBeacon) {
        self.insert(one, VecDeque::push_back);
    }

    /// Puts a beacon back, before those that came later.
    pub(super) fn put_back(&mut self, one: UnclaimedBeacon) {
        self.insert(one, VecDeque::push_front);
    }

    fn insert(&mut self, one: UnclaimedBeacon, insert: impl Fn(&mut VecDeque<UnclaimedBeacon>, UnclaimedBeacon)) {
        let host = one.beacon.stored.record.host();
        if let Some(queue) = self.hosts.get_mut(host) {
            insert(queue, one);
        } else {
            let host: Arc<str> = host.into();
            self.turns.push_back(Arc::clone(&host));
            self.hosts.insert(host, VecDeque::from([one]));
        }
        self.waiting += 1;
    }

    /// Takes the beacons that this claim may return, one host after the other, and those whose host has too little room.
    pub(super) fn take(&mut self, claim: &Claim) -> ClaimSelection {
        self.last_claim = claim.now;
        let mut selection = ClaimSelection::default();
        let mut rooms: HashMap<Arc<str>, u32> = HashMap::new();
        let mut passed = 0;
        while selection.claimed.len() < claim.limit && passed < self.turns.len() {
            let Some(host) = self.turns.pop_front() else { break };
            let first = claim.allowances.get(&host).copied().unwrap_or(claim.per_host);
            let room = rooms.entry(Arc::clone(&host)).or_insert(first);
            let queue = self.hosts.get_mut(&host);
            match queue.filter(|_| *room > 0).and_then(VecDeque::pop_front) {
                Some(one) => {
                    *room -= 1;
                    passed = 0;
                    selection.claimed.push(one);
                }
                None => passed += 1,
            }
            self.keep_turn(host);
        }
        self.room = FIRST_ROOM.max(claim.limit.saturating_mul(2));
        for host in self.turns.iter().cloned().collect::<Vec<_>>() {
            let first = claim.allowances.get(&host).copied().unwrap_or(claim.per_host);
            let kept = usize::try_from(first).unwrap_or(usize::MAX).saturating_mul(KEPT_PER_ROOM).min(self.room / 2);
            if let Some(queue) = self.hosts.get_mut(&host)
                && queue.len() > kept
            {
                selection.without_room.extend(queue.drain(kept..));
            }
        }
        self.waiting -= selection.claimed.len() + selection.without_room.len();
        self.hosts.retain(|_, queue| !queue.is_empty());
        let hosts = &self.hosts;
        self.turns.retain(|host| hosts.contains_key(host));
        selection
    }

    fn keep_turn(&mut self, host: Arc<str>) {
        if self.hosts.get(&host).is_some_and(|queue| !queue.is_empty()) {
            self.turns.push_back(host);
        } else {
            self.hosts.remove(&host);
        }
    }

    /// Takes all beacons that wait.
    pub(super) fn take_all(&mut self) -> Vec<UnclaimedBeacon> {
        self.waiting = 0;
        self.turns.clear();
        self.hosts.drain().flat_map(|(_, queue)| queue).collect()
    }

    /// Whether a beacon with this key is claimed.
    pub(super) fn is_held(&self, key: &str) -> bool {
        self.held.contains_key(&number_of(key))
    }

    pub(super) fn hold(&mut self, held: HeldBeacon) {
        self.held.insert(number_of(&held.beacon.stored.record.key), held);
    }

    /// The claimed beacon of this number, if it was claimed with this number of attempts.
    pub(super) fn held(&self, id: u64, attempts: u32) -> Option<&HeldBeacon> {
        self.held.get(&id).filter(|held| held.progress.attempts == attempts)
    }

    pub(super) fn release(&mut self, id: u64) {
        self.held.remove(&id);
    }

    /// The receipts of the beacons that are received or claimed. Given up are claims whose lease has ended, and beacons that wait for a
    /// claim if none came for `patience`: the server sends their messages again.
    pub(super) fn receipts(&mut self, now: Timestamp, patience: Duration) -> Vec<Receipt> {
        self.held.retain(|_, held| now < held.lease_end);
        if now.since(self.last_claim) > patience {
            drop(self.take_all());
        }
        let waiting = self.hosts.values().flatten().map(|one| &one.received.receipt);
        waiting.chain(self.held.values().map(|held| &held.receipt)).cloned().collect()
    }
}
