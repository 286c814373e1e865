//! Costs per unit of work, and the statistics of many rounds.

use std::fmt;
use std::time::Duration;

/// The cost of one round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cost {
    pub(crate) cpu: Duration,
    pub(crate) units: u64,
}

impl Cost {
    /// CPU time of one unit, in microseconds.
    pub(crate) fn micros(self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.units as f64
    }
}

/// The median, the smallest and the largest value of a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self { median: percentile(&values, 0.5), least: percentile(&values, 0.0), most: percentile(&values, 1.0) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, least, most } = self;
        write!(formatter, "{median:.2} ({least:.2} to {most:.2})")
    }
}

/// The quantile of a sorted list; NaN for an empty list.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_of_the_sorted_values() {
        let spread = Spread::of([9.0, 1.0, 3.0]);
        assert_eq!(spread, Spread { median: 3.0, least: 1.0, most: 9.0 });
        assert_eq!(spread.to_string(), "3.00 (1.00 to 9.00)");
    }

    #[test]
    fn a_cost_is_divided_by_its_units() {
        assert_eq!(Cost { cpu: Duration::from_millis(3), units: 100 }.micros(), 30.0);
    }
}
