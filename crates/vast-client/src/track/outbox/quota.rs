//! How much an outbox holds, and what happens when it is full.

use std::time::Duration;

/// How long an idempotency key is remembered at least; the maximum is twice that time.
pub const KEY_WINDOW: Duration = Duration::from_secs(24 * 3600);

/// How much an outbox holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// How many beacons may wait or be in flight. Default 10,000 in memory and 1,000,000 on disk, where each one needs about 110
    /// bytes of memory.
    pub max_waiting: u64,
    /// How many bytes they may have. Default 64 MiB in memory and 1 GiB on disk.
    pub max_bytes: u64,
    /// The largest record. A larger one becomes a dead letter at once, with a shortened URL. Default 64 KiB.
    pub max_record_bytes: usize,
    /// The longest idempotency key. A record with a longer one is too large. Default 512 bytes.
    pub max_key_bytes: usize,
    /// What happens to a batch that does not fit. Default [`WhenFull::Refuse`].
    pub when_full: WhenFull,
    /// How many delivered beacons the ledger keeps. Default 10,000 in memory and 1,000,000 on disk. The oldest are removed first.
    pub max_settled: u64,
    /// How long the ledger keeps a delivered beacon. Default 24 hours.
    pub keep_settled: Duration,
    /// How many dead letters are kept. Default 10,000 in memory and 100,000 on disk. The oldest are removed first.
    pub max_dead: u64,
    /// How long a dead letter is kept. Default 7 days.
    pub keep_dead: Duration,
    /// How many keys are remembered. Above this number the older half is forgotten early, and
    /// [`OutboxStats::keys_forgotten_early`](super::OutboxStats::keys_forgotten_early) counts it. Default
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

/// What happens to a batch that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WhenFull {
    /// It is refused as a whole.
    #[default]
    Refuse,
    /// The oldest error reports become dead letters until the batch fits, because no payment depends on them. If that is not
    /// enough, the batch is refused as a whole.
    EvictErrors,
}
