//! What became of the beacons of one request, in one value.

use super::outbox::{Row, State};

/// What became of the beacons of a request or session so far: [`Tracker::results`](super::Tracker::results).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrackingResults {
    /// How many are not settled: they wait for a try, or one is under way.
    pub queued: usize,
    /// How many their trackers took.
    pub delivered: usize,
    /// How many were given up; their rows say why.
    pub failed: usize,
    /// Every beacon with its URL, tries and last status, in the order in which they were put.
    pub rows: Vec<Row>,
}

impl TrackingResults {
    /// Whether nothing more will happen to them by itself.
    pub fn is_settled(&self) -> bool {
        self.queued == 0
    }
}

impl From<Vec<Row>> for TrackingResults {
    fn from(rows: Vec<Row>) -> Self {
        let mut results = Self::default();
        for row in &rows {
            *match row.state {
                State::Waiting | State::InFlight => &mut results.queued,
                State::Delivered => &mut results.delivered,
                State::Dead => &mut results.failed,
            } += 1;
        }
        Self { rows, ..results }
    }
}
