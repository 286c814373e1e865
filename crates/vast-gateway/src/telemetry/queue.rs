//! What waits for the collector: bounded queues.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::counters::EventCounter;

/// Records that wait. What has no room is dropped and counted, so that a collector that is slow or dead costs a known amount of memory.
#[derive(Debug)]
pub(super) struct ExportQueue<T> {
    waiting: Mutex<VecDeque<T>>,
    most: usize,
    /// Records that were dropped.
    pub(super) dropped: EventCounter,
    /// Records that the collector has taken.
    pub(super) sent: EventCounter,
}

impl<T> ExportQueue<T> {
    /// A queue for at most this number of records.
    pub(super) fn new(most: usize) -> Self {
        Self { waiting: Mutex::default(), most, dropped: EventCounter::default(), sent: EventCounter::default() }
    }

    /// Adds records, all or none.
    pub(super) fn push(&self, records: Vec<T>) {
        let mut waiting = self.waiting();
        if waiting.len() + records.len() > self.most {
            drop(waiting);
            self.dropped.add(records.len() as u64);
            return;
        }
        waiting.extend(records);
    }

    /// Adds one record.
    pub(super) fn push_one(&self, record: T) {
        let mut waiting = self.waiting();
        if waiting.len() < self.most {
            waiting.push_back(record);
        } else {
            drop(waiting);
            self.dropped.add_one();
        }
    }

    /// Takes at most this number of records out, the oldest first.
    pub(super) fn take(&self, most: usize) -> Vec<T> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(most);
        waiting.drain(..count).collect()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_drops_and_counts() {
        let queue = ExportQueue::new(5);
        queue.push(vec![1, 2, 3]);
        queue.push(vec![4, 5, 6]);
        queue.push_one(7);
        queue.push_one(8);
        queue.push_one(9);
        assert_eq!((queue.take(2), queue.take(9), queue.take(9)), (vec![1, 2], vec![3, 7, 8], vec![]));
        assert_eq!(queue.dropped.get(), 4);
    }
}
