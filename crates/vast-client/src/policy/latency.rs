//! The latencies of a source's last responses, for the 95th percentile and the median.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many responses are remembered.
const WINDOW: usize = 128;
/// How many responses are needed before a percentile is given.
const ENOUGH: usize = 20;

/// The latencies of a source's last responses, shared by all requests of a plan.
#[derive(Debug, Default)]
pub struct Latency(Mutex<Ring>);

#[derive(Debug, Default)]
struct Ring {
    samples: Vec<Duration>,
    next: usize,
}

impl Latency {
    /// Adds the latency of one response.
    pub fn record(&self, latency: Duration) {
        let mut ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = ring.next;
        if ring.samples.len() < WINDOW {
            ring.samples.push(latency);
        } else if let Some(oldest) = ring.samples.get_mut(next) {
            *oldest = latency;
        }
        ring.next = (next + 1) % WINDOW;
    }

    /// The 95th percentile of the last responses; `None` while there are fewer than twenty.
    pub fn p95(&self) -> Option<Duration> {
        self.quantile(95)
    }

    /// The median of the last responses; `None` while there are fewer than twenty.
    pub fn p50(&self) -> Option<Duration> {
        self.quantile(50)
    }

    fn quantile(&self, percent: usize) -> Option<Duration> {
        let mut samples = self.0.lock().unwrap_or_else(PoisonError::into_inner).samples.clone();
        if samples.len() < ENOUGH {
            return None;
        }
        let index = (samples.len() * percent / 100).min(samples.len() - 1);
        Some(*samples.select_nth_unstable(index).1)
    }
}
