//! Rules as data: time limits, retries, latencies and circuit breakers. This module does no I/O and gets the time and the random
//! generator as arguments.

mod answer_time;
mod breaker;
mod byte_pool;
mod latency;
mod rate;
mod retry;
mod retry_budget;
mod strategy;
mod time;

pub(crate) use answer_time::AnswerTime;
pub(crate) use breaker::{Breaker, BreakerChange, Permit, may_skip};
pub use breaker::{BreakerSettings, BreakerState, OwnEjection};
pub(crate) use byte_pool::{BytePool, PooledBytes};
pub use latency::Latency;
pub(crate) use rate::RateBucket;
pub use retry::{Backoff, RetryPolicy, is_retried_status};
pub(crate) use retry_budget::{ExtraRequest, RetryBudget};
pub use strategy::{CostLimits, FetchMode, FetchStrategy, SourceOrder, TierKind};
pub use time::{Deadline, TimeLimit, TimeLimits};
pub(crate) use time::{later, scaled};
