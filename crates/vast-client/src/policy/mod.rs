//! Rules as data and small state machines: time limits, retries, latency. No I/O here; `now` and the generator come in.

mod latency;
mod retry;
mod strategy;
mod time;

pub use latency::Latency;
pub use retry::{Backoff, RetryPolicy, is_retried_status};
pub use strategy::{CostLimits, FetchMode, FetchStrategy, SourceOrder, TierKind};
pub use time::{Deadline, TimeLimit, TimeLimits};
