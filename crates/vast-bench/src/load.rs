//! Keeps a number of requests in flight and tells what they cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::clock::cpu_time;
use crate::effort::Failure;
use crate::units::Cost;

/// How long is waited for work that outlives the requests (exchanges read to their end, connections put away): it
/// belongs to the cost.
const AFTERMATH: Duration = Duration::from_millis(50);

/// Something that can be done again and again.
pub(crate) trait Work: Clone + Send + Sync + 'static {
    /// Does it once. A measurement of failures is worthless, so a failure ends the measurement.
    fn once(&self) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// When it is enough.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Amount {
    /// After this time.
    Time(Duration),
    /// After so many units.
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

    /// Whether one more may begin.
    fn take(&self) -> bool {
        match self.end {
            Some(end) => Instant::now() < end,
            None => self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok(),
        }
    }
}

/// Does `work` with `in_flight` under way at all times until it is enough.
///
/// # Errors
/// The first failure of a unit.
pub(crate) async fn keep_busy(work: &impl Work, in_flight: usize, amount: Amount) -> Result<Cost, Failure> {
    let before = cpu_time();
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
    Ok(Cost { cpu: cpu_time().saturating_sub(before), units })
}

async fn repeat(work: impl Work, budget: Arc<Budget>) -> Result<u64, Failure> {
    let mut units = 0;
    while budget.take() {
        work.once().await?;
        units += 1;
    }
    Ok(units)
}
