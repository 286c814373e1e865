//! The limits of an outbox, and the rule for a full outbox.

use std::time::Duration;

/// The minimum time for which an idempotency key is remembered; the maximum is twice this time.
pub const KEY_WINDOW: Duration = Duration::from_secs(24 * 3600);

/// The limits of an outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// The largest number of beacons that wait or are in flight. Default 10,000 in memory and 1,000,000 on disk, which need about
    /// 75 MB of memory, the cache of the file (32 MiB) included.
    pub max_waiting: u64,
    /// The largest sum of the sizes of these beacons, in bytes. Default 64 MiB in memory and 1 GiB on disk.
    pub max_bytes: u64,
    /// The largest size of a record in bytes. A larger record becomes a dead letter immediately, with a shortened URL.
    /// Default 64 KiB.
    pub max_record_bytes: usize,
    /// The largest length of an idempotency key in bytes. A record with a longer key counts as too large. Default 512.
    pub max_key_bytes: usize,
    /// The rule for a batch that does not fit. Default [`WhenFull::Refuse`].
    pub when_full: WhenFull,
    /// The number of delivered beacons that the ledger keeps. Default 10,000 in memory and 1,000,000 on disk. The
    /// oldest are removed first.
    pub max_settled: u64,
    /// The time for which the ledger keeps a delivered beacon. Default 24 hours.
    pub keep_settled: Duration,
    /// The number of dead letters that are kept. Default 10,000 in memory and 100,000 on disk. The oldest are removed
    /// first.
    pub max_dead: u64,
    /// The time for which a dead letter is kept. Default 7 days.
    pub keep_dead: Duration,
    /// The number of keys that are remembered. Above it, the older half is forgotten early, and
    /// [`OutboxStats::keys_forgotten_early`](super::OutboxStats::keys_forgotten_early) counts it. Default 200,000 in
    /// memory and 40,000,000 on disk.
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

/// The rule for a batch that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WhenFull {
    /// The whole batch is refused.
    #[default]
    Refuse,
    /// The oldest error reports become dead letters until the batch fits, because no payment depends on them. If that is not
    /// enough, the batch is refused as a whole.
    EvictErrors,
}
