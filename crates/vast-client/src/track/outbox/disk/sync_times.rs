//! How long the disk takes for a sync.

use std::time::Duration;

/// The times of the last syncs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SyncTimes([Duration; 4]);

impl SyncTimes {
    pub(super) fn add(&mut self, sync: Duration) {
        self.0.rotate_right(1);
        self.0[0] = sync;
    }

    /// The shortest of them. A single sync may take long because a processor or the disk was busy, which says nothing of the next one.
    pub(super) fn usual(&self) -> Duration {
        self.0.iter().copied().min().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_slow_only_if_several_syncs_were() {
        let mut times = SyncTimes::default();
        let usual = |sync: u64| {
            times.add(Duration::from_millis(sync));
            times.usual().as_millis()
        };
        assert_eq!([4, 5, 6, 7, 8, 1, 9, 9, 9, 9].map(usual), [0, 0, 0, 4, 5, 1, 1, 1, 1, 9]);
    }
}
