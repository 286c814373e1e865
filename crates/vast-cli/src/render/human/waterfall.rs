//! A bar per source over the time of the request.

use std::time::Duration;

use vast_client::report::SourceReport;

use super::units;

const BAR: char = '━';
/// The mark where the next document of a chain was requested.
const HOP: char = '┿';

/// Scales the time of a request to columns. A request that took no time has no bars.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waterfall {
    total: Duration,
    columns: usize,
}

impl Waterfall {
    /// The scale for a request that took `total`, in a line of `width` columns.
    pub(super) fn new(total: Duration, width: usize) -> Self {
        let columns = match width {
            _ if total.is_zero() => 0,
            ..60 => 0,
            60..80 => 12,
            80..110 => 20,
            _ => 28,
        };
        Self { total, columns }
    }

    /// The heading: the times of the first and the last column.
    pub(super) fn heading(self) -> String {
        if self.columns == 0 {
            return String::new();
        }
        format!("0{:>rest$}", units::elapsed(self.total), rest = self.columns - 1)
    }

    /// The bar of a source from its beginning to its end, with a mark for each wrapper that it followed.
    pub(super) fn bar(self, source: &SourceReport) -> String {
        let (Some(began), Some(elapsed)) = (source.began, source.elapsed) else { return String::new() };
        if self.columns == 0 {
            return String::new();
        }
        let first = self.column(began);
        let last = self.column(began + elapsed).max(first);
        let hops: Vec<usize> = source.hops.iter().map(|hop| self.column(hop.began)).collect();
        let mark = |column| if column > first && hops.contains(&column) { HOP } else { BAR };
        " ".repeat(first).chars().chain((first..=last).map(mark)).collect()
    }

    /// The column of a moment since the request began.
    fn column(self, at: Duration) -> usize {
        let share = at.as_nanos().saturating_mul(self.columns as u128) / self.total.as_nanos().max(1);
        usize::try_from(share).unwrap_or(usize::MAX).min(self.columns.saturating_sub(1))
    }
}
