//! The log of all servers of a mock, in the order in which requests arrived.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::exchange::{Exchange, ExchangeEnding};

/// A function that is called with every exchange that has ended.
pub(super) type Observer = Box<dyn Fn(&Exchange) + Send + Sync>;

pub(super) struct Log {
    start: Instant,
    limit: usize,
    observer: Option<Observer>,
    kept: Mutex<Kept>,
    changed: Notify,
}

#[derive(Default)]
struct Kept {
    /// The number of exchanges that were dropped, which is the number of the first one that is kept.
    first: u64,
    exchanges: VecDeque<Exchange>,
}

/// The expected exchanges did not happen within the limit.
#[derive(Debug, Clone, thiserror::Error)]
pub struct WaitError {
    /// The limit.
    pub limit: Duration,
    /// The log at that time.
    pub log: Vec<Exchange>,
}

impl fmt::Display for WaitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "not seen within {:?}; what was seen:", self.limit)?;
        self.log.iter().try_for_each(|exchange| write!(formatter, "\n{exchange}"))
    }
}

impl Log {
    pub(super) fn new(limit: usize, observer: Option<Observer>) -> Self {
        Self { start: Instant::now(), limit, observer, kept: Mutex::default(), changed: Notify::new() }
    }

    /// The time since the start of the mock.
    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Records an exchange. When the returned guard is dropped, its end is recorded, also if its task is cancelled.
    pub(super) fn begin(&self, exchange: Exchange) -> RunningExchange<'_> {
        let number = self.enter(&exchange);
        RunningExchange { log: self, number, exchange }
    }

    pub(super) fn snapshot(&self) -> Vec<Exchange> {
        self.lock().exchanges.iter().cloned().collect()
    }

    pub(super) async fn wait_for(
        &self,
        mut holds: impl FnMut(&[Exchange]) -> bool,
        limit: Duration,
    ) -> Result<Vec<Exchange>, WaitError> {
        let watch = async {
            loop {
                // Create the notification before the log is read. Otherwise a change between these two steps would be
                // missed.
                let changed = self.changed.notified();
                if holds(self.lock().exchanges.make_contiguous()) {
                    return;
                }
                changed.await;
            }
        };
        match tokio::time::timeout(limit, watch).await {
            Ok(()) => Ok(self.snapshot()),
            Err(_) => Err(WaitError { limit, log: self.snapshot() }),
        }
    }

    fn enter(&self, exchange: &Exchange) -> u64 {
        if self.limit == 0 {
            return 0;
        }
        let mut kept = self.lock();
        if kept.exchanges.len() == self.limit {
            kept.exchanges.pop_front();
            kept.first += 1;
        }
        kept.exchanges.push_back(exchange.clone());
        let number = kept.first + kept.exchanges.len() as u64 - 1;
        drop(kept);
        self.changed.notify_waiters();
        number
    }

    fn update(&self, number: u64, change: impl FnOnce(&mut Exchange)) {
        let mut kept = self.lock();
        let index = number.checked_sub(kept.first).and_then(|index| usize::try_from(index).ok());
        if let Some(exchange) = index.and_then(|index| kept.exchanges.get_mut(index)) {
            change(exchange);
        }
        drop(kept);
        self.changed.notify_waiters();
    }

    /// A poisoned lock is no problem: a predicate that panicked in [`Log::wait_for`] has changed nothing.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An exchange that has not ended.
pub(super) struct RunningExchange<'a> {
    log: &'a Log,
    number: u64,
    exchange: Exchange,
}

impl RunningExchange<'_> {
    /// Counts bytes of the body that were handed to the socket.
    pub(super) fn count(&mut self, bytes: usize) {
        self.exchange.bytes_sent += bytes as u64;
    }

    /// Makes the count visible in the log. It is called before a wait, so that a test can see how much of a body was sent.
    pub(super) fn publish(&self) {
        self.log.update(self.number, |exchange| exchange.bytes_sent = self.exchange.bytes_sent);
    }

    pub(super) fn end(mut self, ending: ExchangeEnding) {
        self.exchange.ending = ending;
    }
}

impl Drop for RunningExchange<'_> {
    fn drop(&mut self) {
        if self.exchange.ending == ExchangeEnding::Running {
            self.exchange.ending = ExchangeEnding::Stopped;
        }
        self.exchange.ended = Some(self.log.now());
        let Exchange { bytes_sent, ending, ended, .. } = self.exchange;
        self.log.update(self.number, |exchange| {
            exchange.bytes_sent = bytes_sent;
            exchange.ending = ending;
            exchange.ended = ended;
        });
        if let Some(observer) = &self.log.observer {
            observer(&self.exchange);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Request;
    use crate::serve::exchange::Answered;

    fn running(target: &str) -> Exchange {
        Exchange {
            server: "east".into(),
            connection: 1,
            request: Request::get(target),
            started: Duration::ZERO,
            answered: Answered::Status(200),
            bytes_sent: 0,
            ending: ExchangeEnding::Running,
            ended: None,
        }
    }

    #[tokio::test]
    async fn an_end_is_entered_at_its_own_exchange_also_when_older_ones_are_forgotten() {
        let log = Log::new(2, None);
        let (first, second, _third) = (log.begin(running("/1")), log.begin(running("/2")), log.begin(running("/3")));
        first.end(ExchangeEnding::Reset);
        second.end(ExchangeEnding::Completed);
        let kept = log.snapshot();
        let kept: Vec<_> = kept.iter().map(|one| (one.request.path(), one.ending)).collect();
        assert_eq!(kept, [("/2", ExchangeEnding::Completed), ("/3", ExchangeEnding::Running)]);
    }
}
