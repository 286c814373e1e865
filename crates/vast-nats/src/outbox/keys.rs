//! The idempotency keys that this gateway has put.

use std::collections::HashSet;

use vast_client::track::outbox::{KEY_WINDOW, Timestamp};

use crate::names::number_of;

/// The number of keys that are remembered. Each needs about 16 bytes.
const MAX_KEYS: usize = 4_000_000;

/// The keys in two halves; the older one is forgotten as a whole.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys {
    young: HashSet<u64>,
    old: HashSet<u64>,
    since: Timestamp,
    pub(crate) forgotten_early: u64,
}

impl KnownKeys {
    pub(crate) fn count(&self) -> u64 {
        (self.young.len() + self.old.len()) as u64
    }

    pub(crate) fn knows(&self, key: &str) -> bool {
        let number = number_of(key);
        self.young.contains(&number) || self.old.contains(&number)
    }

    pub(crate) fn remember(&mut self, key: &str, now: Timestamp) {
        let is_over = now.since(self.since) >= KEY_WINDOW;
        if is_over || self.young.len() >= MAX_KEYS / 2 {
            let forgotten = std::mem::take(&mut self.young);
            let forgotten = std::mem::replace(&mut self.old, forgotten);
            self.forgotten_early += if is_over { 0 } else { forgotten.len() as u64 };
            self.since = now;
        }
        self.young.insert(number_of(key));
    }
}
