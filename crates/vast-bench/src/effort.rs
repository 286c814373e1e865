//! How long the measurements take, and why one could not be made.

use std::time::Duration;

/// Why a measurement could not be made.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How long the measurements are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// How often each side is measured.
    pub(crate) rounds: usize,
    /// How long a round takes.
    pub(crate) round: Duration,
    /// Divides the number of requests in measurements that count them.
    pub(crate) divisor: u64,
    /// For how long memory is watched.
    pub(crate) endurance: Duration,
}

impl Effort {
    pub(crate) const FULL: Self =
        Self { rounds: 9, round: Duration::from_millis(600), divisor: 1, endurance: Duration::from_secs(30) };
    pub(crate) const QUICK: Self =
        Self { rounds: 3, round: Duration::from_millis(150), divisor: 10, endurance: Duration::from_secs(4) };
    pub(crate) const LONG: Self = Self { endurance: Duration::from_secs(600), ..Self::FULL };
    pub(crate) const SOAK: Self = Self { endurance: Duration::from_secs(3_600), ..Self::FULL };
}
