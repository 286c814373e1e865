//! The step length in which running times are counted.

use super::problem::{BreakLimits, Prefix};

/// The largest number of cells in one row.
const MAX_CELLS: u64 = 240;

/// Running times as numbers of equal steps. If the common divisor of the running times is too short, a step is longer than it
/// and running times are rounded down. A bound that is computed on the grid can then be too high, but never too low.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    step: u64,
}

impl Grid {
    /// The grid for these running times. `rows` is how many rows there are; more rows mean fewer cells in each.
    pub(super) fn new<'p>(prefixes: impl Iterator<Item = &'p Prefix>, limits: &BreakLimits, rows: usize) -> Self {
        /// The largest number of cells in all rows.
        const MAX_TABLE: u64 = 65_536;
        let rows = u64::try_from(rows.max(1)).unwrap_or(u64::MAX);
        let cells = MAX_CELLS.min(MAX_TABLE / rows).max(1);
        let common = prefixes.fold(0, |common, prefix| divisor(common, prefix.length));
        Self { step: common.max(limits.longest.div_ceil(cells)).max(1) }
    }

    /// The number of whole steps in this time in milliseconds.
    pub(super) fn steps(self, milliseconds: u64) -> usize {
        usize::try_from(milliseconds / self.step).unwrap_or(usize::MAX)
    }
}

/// The greatest common divisor.
fn divisor(mut one: u64, mut other: u64) -> u64 {
    while other > 0 {
        (one, other) = (other, one % other);
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_the_common_divisor_unless_that_makes_too_many_cells() {
        let grid = |lengths: &[u64], longest, rows| {
            let prefixes: Vec<_> =
                lengths.iter().map(|length| Prefix { length: *length, ..Prefix::default() }).collect();
            Grid::new(prefixes.iter(), &BreakLimits { longest, shortest: 0, ads: 9, length_value: None }, rows).step
        };
        assert_eq!(grid(&[15_000, 30_000, 20_000], 120_000, 64), 5_000);
        assert_eq!(grid(&[15_001, 30_000], 120_000, 64), 500, "240 cells");
        assert_eq!(grid(&[15_001, 30_000], 120_000, 65_536), 120_000, "one cell in each of many rows");
        assert_eq!(grid(&[], 0, 0), 1);
    }
}
