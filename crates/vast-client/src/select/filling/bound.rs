//! An upper bound of the values that the remaining units can add.

use super::grid::Grid;
use super::problem::{BreakLimits, Prefix, RankValues, sum};

/// The table counts the ads that are left only if the limit of ads is below this number and a choice can reach the limit.
const MAX_COUNTS: usize = 16;

/// The best values that the remaining units can add, by the index of the first of them, the ads and the running time that are
/// left. Conflicts are ignored and running times may be rounded down, so the true values are never higher.
#[derive(Debug)]
pub(super) struct Bound {
    grid: Grid,
    /// The cells of a row: one for each number of steps that may be left.
    cells: usize,
    /// The rows of a unit: one for each number of ads that may be left; 1 when they are not counted.
    counts: usize,
    best: Vec<RankValues>,
    /// The index of the value that is the running time; `None` if no value is.
    length_value: Option<usize>,
}

impl Bound {
    /// The bound for units with these parts.
    pub(super) fn new(units: &[Vec<Prefix>], limits: &BreakLimits) -> Self {
        let prefixes = || units.iter().flatten();
        let least = units.iter().filter_map(|unit| unit.first()).map(|prefix| prefix.length).min().unwrap_or(u64::MAX);
        let most = usize::try_from(limits.longest / least.max(1)).unwrap_or(usize::MAX);
        let is_counted = limits.ads < most && limits.ads < MAX_COUNTS;
        let counts = if is_counted { limits.ads + 1 } else { 1 };
        let grid = Grid::new(prefixes(), limits, (units.len() + 1) * counts);
        let cells = grid.steps(limits.longest) + 1;
        let best = vec![RankValues::default(); (units.len() + 1) * counts * cells];
        let mut bound = Self { grid, cells, counts, best, length_value: limits.length_value };
        for (number, unit) in units.iter().enumerate().rev() {
            bound.add(number, unit);
        }
        bound
    }

    /// Computes the rows of unit `number` from those of the unit after it.
    fn add(&mut self, number: usize, unit: &[Prefix]) {
        let size = self.counts * self.cells;
        let (before, after) = self.best.split_at_mut((number + 1) * size);
        let (rows, after) = (&mut before[number * size..], &after[..size]);
        rows.copy_from_slice(after);
        for (prefix, taken) in unit.iter().zip(1..) {
            let steps = self.grid.steps(prefix.length);
            let taken: usize = if self.counts > 1 { taken } else { 0 };
            for count in taken..self.counts {
                let row = &mut rows[count * self.cells..][..self.cells];
                let rest = &after[(count - taken) * self.cells..][..self.cells];
                for (best, rest) in row.iter_mut().skip(steps).zip(rest) {
                    *best = (*best).max(sum(&prefix.values, rest));
                }
            }
        }
    }

    /// An upper bound of the values that the units from index `number` on can add to a choice with this running time
    /// and this number of ads left.
    pub(super) fn of(&self, number: usize, length: u64, ads: usize) -> RankValues {
        let count = ads.min(self.counts - 1);
        let cell = self.grid.steps(length).min(self.cells - 1);
        let mut best = self.best[(number * self.counts + count) * self.cells + cell];
        if let Some(place) = self.length_value
            && best[place] > length
        {
            // The value was capped, so nothing is known about the less important values after it.
            best[place] = length;
            best[place + 1..].fill(u64::MAX);
        }
        best
    }
}
