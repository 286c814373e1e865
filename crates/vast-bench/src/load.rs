//! Keeps a number of requests in flight and measures their cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::clock::cpu_time;
use crate::effort::Failure;
use crate::units::Cost;

/// How long to wait for work that continues after the requests, because it is part of the cost: exchanges that are read to
/// their end, connections that return to the pool.
const AFTERMATH: Duration = Duration::from_millis(50);

/// Work that can be repeated.
pub(crate) trait Work: Clone + Send + Sync + 'static {
    /// Does the work once. A failure ends the measurement, because the cost of a failure is not what is measured.
    fn once(&self) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// When the measurement ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Amount {
    /// After this time.
    Time(Duration),
    /// After this number of units.
    Units(u64),
}

struct Budget {
    end: Option<Instant>,
    left: AtomicU64,
}

impl Budget {
    fn new(amount: Amount) -> Self {
        match amount {
            Amount::Time(time) => Self { end: Some(Instant::now() + time), left: AtomicU64::new(0) },
            Amount::Units(units) => Self { end: None, left: AtomicU64::new(units) },
        }
    }

    /// Whether one more unit may begin.
    fn take(&self) -> bool {
        match self.end {
            Some(end) => Instant::now() < end,
            None => self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok(),
        }
    }
}

/// Runs `work` with `in_flight` units at a time until the budget is used.
///
/// # Errors
/// The first failure of a unit.
pub(crate) async fn keep_busy(work: &impl Work, in_flight: usize, amount: Amount) -> Result<Cost, Failure> {
    let before = cpu_time();
    let units = repeat_in_flight(work, in_flight, amount).await?;
    Ok(Cost { cpu: cpu_time().saturating_sub(before), units })
}

/// Runs `work` like [`keep_busy`] and returns the number of units. It does not read the CPU time, because that call fails under
/// valgrind.
///
/// # Errors
/// The first failure of a unit.
pub(crate) async fn repeat_in_flight(work: &impl Work, in_flight: usize, amount: Amount) -> Result<u64, Failure> {
    let budget = Arc::new(Budget::new(amount));
    let mut tasks = JoinSet::new();
    for _ in 0..in_flight {
        tasks.spawn(repeat(work.clone(), Arc::clone(&budget)));
    }
    let mut units = 0;
    while let Some(ended) = tasks.join_next().await {
        units += ended??;
    }
    tokio::time::sleep(AFTERMATH).await;
    Ok(units)
}

async fn repeat(work: impl Work, budget: Arc<Budget>) -> Result<u64, Failure> {
    let mut units = 0;
    while budget.take() {
        work.once().await?;
        units += 1;
    }
    Ok(units)
}
