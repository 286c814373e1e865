//! The budget for retries of one source, and for the sources that staggered mode starts because it is slow. It limits the requests
//! that are made in addition to those of the host while a source fails or is slow.

/// The tokens of a full budget.
const TOKENS: u32 = 500;
/// The retries that may always run at the same time.
const FLOOR: u32 = 3;
/// The retries that may run at the same time, as a share of the running lanes: one of this number.
const ONE_OF: u32 = 5;

/// What an additional request is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExtraRequest {
    /// A retry, or a source that staggered mode starts because this one is slow.
    Usual,
    /// A retry after status 429. The server has rejected the first request at a low cost.
    Throttled,
}

impl ExtraRequest {
    /// The tokens that it costs: those of the standard retry mode of the AWS SDKs.
    const fn cost(self) -> u32 {
        match self {
            Self::Usual => 14,
            Self::Throttled => 5,
        }
    }
}

/// The budget of one source: a token bucket, which limits retries over time to about 7 % of the requests after a burst of 35, and a
/// limit for the retries at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RetryBudget {
    tokens: u32,
    running: u32,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self { tokens: TOKENS, running: 0 }
    }
}

impl RetryBudget {
    /// Whether one more request may be made while `active` lanes of the source run. If so, call [`end`](Self::end) after it.
    pub(crate) fn take(&mut self, extra: ExtraRequest, active: u32) -> bool {
        let is_free = self.running < FLOOR.max(active / ONE_OF) && self.tokens >= extra.cost();
        if is_free {
            self.tokens -= extra.cost();
            self.running += 1;
        }
        is_free
    }

    /// Records that an additional request has ended.
    pub(crate) fn end(&mut self) {
        self.running = self.running.saturating_sub(1);
    }

    /// Records that the source has answered at the first attempt, which gives one token back.
    pub(crate) fn refill(&mut self) {
        self.tokens = (self.tokens + 1).min(TOKENS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of retries that are permitted one after the other.
    fn burst(budget: &mut RetryBudget, extra: ExtraRequest) -> u32 {
        let mut retries = 0;
        while budget.take(extra, 1) {
            budget.end();
            retries += 1;
        }
        retries
    }

    #[test]
    fn a_burst_of_retries_ends_and_answers_permit_more() {
        for (extra, expected, after) in [(ExtraRequest::Usual, 35, 7), (ExtraRequest::Throttled, 100, 20)] {
            let mut budget = RetryBudget::default();
            assert_eq!(burst(&mut budget, extra), expected, "{extra:?}");
            (0..100).for_each(|_| budget.refill());
            assert_eq!(burst(&mut budget, extra), after, "{extra:?}: one retry for each {} answers", extra.cost());
            (0..10_000).for_each(|_| budget.refill());
            assert_eq!(burst(&mut budget, extra), expected, "{extra:?}: the bucket has a size");
        }
    }

    #[test]
    fn retries_at_the_same_time_are_a_fifth_of_the_lanes_and_at_least_three() {
        for (active, expected) in [(0, 3), (1, 3), (19, 3), (20, 4), (100, 20)] {
            let mut budget = RetryBudget::default();
            let running = (0..active + 10).filter(|_| budget.take(ExtraRequest::Usual, active)).count();
            assert_eq!(running, expected, "{active} lanes");
            budget.end();
            assert!(budget.take(ExtraRequest::Usual, active), "{active} lanes: a place is free again");
        }
    }
}
