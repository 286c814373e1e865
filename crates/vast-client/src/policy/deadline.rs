//! One absolute point in time that every wait is cut from, and the name of the limit that set it.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::TimeLimit;

/// A point in time and the limit it stands for. Cutting it never moves it later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    at: Instant,
    limit: TimeLimit,
}

impl Deadline {
    /// `limit` fires after `duration` from `now`.
    pub fn after(now: Instant, duration: Duration, limit: TimeLimit) -> Self {
        // A duration beyond what the clock can hold means "never"; a century is as good.
        let at = now.checked_add(duration).unwrap_or_else(|| now + Duration::from_secs(100 * 365 * 24 * 3600));
        Self { at, limit }
    }

    /// The earlier of this deadline and `limit` after `duration` from `now`.
    #[must_use]
    pub fn cut(self, now: Instant, duration: Duration, limit: TimeLimit) -> Self {
        let inner = Self::after(now, duration, limit);
        if inner.at < self.at { inner } else { self }
    }

    /// This deadline moved earlier by `reserve`, standing for `limit`.
    #[must_use]
    pub fn reserving(self, reserve: Duration, limit: TimeLimit) -> Self {
        if reserve.is_zero() {
            return self;
        }
        Self { at: self.at.checked_sub(reserve).unwrap_or(self.at), limit }
    }

    /// When it fires.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The limit that fires.
    pub fn limit(&self) -> TimeLimit {
        self.limit
    }

    /// The time left; zero when it has passed.
    pub fn remaining(&self, now: Instant) -> Duration {
        self.at.saturating_duration_since(now)
    }

    /// The output of `future`, or the limit that fired first.
    ///
    /// # Errors
    /// The limit of this deadline, when it passes before the future is ready.
    pub async fn within<F: Future>(&self, future: F) -> Result<F::Output, TimeLimit> {
        tokio::time::timeout_at(self.at, future).await.map_err(|_| self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn cutting_keeps_the_earlier_limit_and_its_name() {
        let now = Instant::now();
        let request = Deadline::after(now, 3 * SECOND, TimeLimit::Request);
        assert_eq!(request.cut(now, SECOND, TimeLimit::Hop).limit(), TimeLimit::Hop);
        assert_eq!(request.cut(now, 4 * SECOND, TimeLimit::Hop).limit(), TimeLimit::Request);
        assert_eq!(request.reserving(SECOND, TimeLimit::FallbackReserve).remaining(now), 2 * SECOND);
        assert_eq!(request.reserving(Duration::ZERO, TimeLimit::FallbackReserve), request);
    }

    #[tokio::test(start_paused = true)]
    async fn within_names_the_limit_that_fired() {
        let deadline = Deadline::after(Instant::now(), SECOND, TimeLimit::PerSource);
        assert_eq!(deadline.within(std::future::pending::<()>()).await, Err(TimeLimit::PerSource));
        assert_eq!(deadline.remaining(Instant::now()), Duration::ZERO);
    }

    #[test]
    fn a_duration_beyond_the_clock_is_never() {
        let now = Instant::now();
        assert!(Deadline::after(now, Duration::MAX, TimeLimit::Request).remaining(now) > 1000 * SECOND);
    }
}
