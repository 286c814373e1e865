//! Where beacons wait: a bounded queue in memory.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::beacons::Beacon;

/// How many beacons may wait. A thousand answers' worth; beyond that the trackers are down, and memory must not follow.
pub(super) const CAPACITY: usize = 10_000;

/// A bounded queue in memory.
#[derive(Debug, Default)]
pub(super) struct MemoryOutbox(Mutex<VecDeque<Beacon>>);

impl MemoryOutbox {
    /// Adds a batch, all or nothing. Returns whether there was room.
    pub(super) fn put(&self, batch: &[Beacon]) -> bool {
        let mut queue = self.lock();
        let fits = queue.len() + batch.len() <= CAPACITY;
        if fits {
            queue.extend(batch.iter().cloned());
        }
        fits
    }

    /// Takes the oldest beacon.
    pub(super) fn take(&self) -> Option<Beacon> {
        self.lock().pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Beacon>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
