//! How much an outbox holds, and what happens beyond that.

use std::time::Duration;

/// How long a key is remembered at least (and twice as long at most): a beacon put again within it is the same beacon.
pub const KEY_WINDOW: Duration = Duration::from_secs(24 * 3600);

/// How much an outbox holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many beacons may wait. Default 10,000 in memory and 1,000,000 on disk, where each costs about 110 bytes of memory.
    pub max_waiting: u64,
    /// How many bytes they may take. Default 64 MiB in memory and 1 GiB on disk.
    pub max_bytes: u64,
    /// The largest record. A larger one becomes a dead letter at once, without its URL's end. Default 64 KiB.
    pub max_record_bytes: usize,
    /// The longest key; a longer one makes its record too large. Default 512 bytes.
    pub max_key_bytes: usize,
    /// What happens to a batch for which there is no room. Default [`WhenFull::Refuse`].
    pub when_full: WhenFull,
    /// How many delivered beacons the ledger shows. Default 10,000 in memory and 1,000,000 on disk; the oldest go first.
    pub max_settled: u64,
    /// For how long the ledger shows a delivered beacon at most. Default 24 hours.
    pub keep_settled: Duration,
    /// How many dead letters are kept. Default 10,000 in memory and 100,000 on disk; the oldest go first.
    pub max_dead: u64,
    /// For how long a dead letter is kept at most. Default 7 days.
    pub keep_dead: Duration,
    /// How many keys are remembered before the older half is forgotten early, which [`OutboxStats`](super::OutboxStats) counts. Default
    /// 200,000 in memory and 40,000,000 on disk.
    pub max_keys: u64,
}

impl Quota {
    /// The defaults of the outbox in memory.
    pub const MEMORY: Self = Self {
        max_waiting: 10_000,
        max_bytes: 64 << 20,
        max_record_bytes: 64 << 10,
        max_key_bytes: 512,
        when_full: WhenFull::Refuse,
        max_settled: 10_000,
        keep_settled: Duration::from_secs(24 * 3600),
        max_dead: 10_000,
        keep_dead: Duration::from_secs(7 * 24 * 3600),
        max_keys: 200_000,
    };
    /// The defaults of the outbox on disk.
    pub const DISK: Self = Self {
        max_waiting: 1_000_000,
        max_bytes: 1 << 30,
        max_settled: 1_000_000,
        max_dead: 100_000,
        max_keys: 40_000_000,
        ..Self::MEMORY
    };
}

/// What happens to a batch for which there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WhenFull {
    /// It is refused whole.
    #[default]
    Refuse,
    /// The oldest error reports, on which no money hangs, become dead letters until it fits. Where that is not enough it is
    /// refused whole.
    EvictErrors,
}
