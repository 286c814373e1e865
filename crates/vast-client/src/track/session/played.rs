//! Which parts of an ad were played.

use std::time::Duration;

/// The most separate parts that are remembered. A viewer who jumps more often loses the shortest: memory stays bounded,
/// and nothing counts as played that was not.
const MOST_PARTS: usize = 64;

/// The parts of an ad that were played: sorted, apart from each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Played(Vec<(Duration, Duration)>);

impl Played {
    /// Adds a part.
    pub(super) fn add(&mut self, from: Duration, to: Duration) {
        if to <= from {
            return;
        }
        let first = self.0.partition_point(|(_, end)| *end < from);
        let behind = self.0.partition_point(|(start, _)| *start <= to);
        let touched = self.0.get(first..behind).unwrap_or_default();
        let start = touched.first().map_or(from, |(start, _)| from.min(*start));
        let end = touched.last().map_or(to, |(_, end)| to.max(*end));
        self.0.splice(first..behind.max(first), [(start, end)]);
        self.forget();
    }

    /// How much was played of what lies before `position`.
    pub(super) fn before(&self, position: Duration) -> Duration {
        self.0.iter().map(|(start, end)| position.min(*end).saturating_sub(*start)).sum()
    }

    fn forget(&mut self) {
        if self.0.len() <= MOST_PARTS {
            return;
        }
        let length = |index: &usize| self.0.get(*index).map(|(start, end)| end.saturating_sub(*start));
        if let Some(shortest) = (0..self.0.len()).min_by_key(length) {
            self.0.remove(shortest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn parts_that_touch_are_one() {
        let mut played = Played::default();
        for (from, to) in [(0, 5), (10, 12), (5, 6), (20, 20), (11, 15), (8, 9)] {
            played.add(seconds(from), seconds(to));
        }
        assert_eq!(played.0, [(0, 6), (8, 9), (10, 15)].map(|(from, to)| (seconds(from), seconds(to))));
        assert_eq!([4, 7, 11, 30].map(|at| played.before(seconds(at)).as_secs()), [4, 6, 8, 12]);
        played.add(seconds(0), seconds(30));
        assert_eq!(played.0, [(seconds(0), seconds(30))]);
    }

    #[test]
    fn restless_viewers_cost_bounded_memory() {
        let mut played = Played::default();
        for part in 0..10_000 {
            played.add(seconds(part * 3), seconds(part * 3 + 1));
        }
        assert_eq!(played.0.len(), MOST_PARTS);
        assert_eq!(played.before(seconds(100_000)), seconds(64));
    }
}
