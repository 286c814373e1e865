//! Rules as data: time limits, retries and latencies. This module does no I/O and gets the time and the random
//! generator as arguments.

mod answer_time;
mod latency;
mod retry;
mod strategy;
mod time;

pub(crate) use answer_time::AnswerTime;
pub use latency::Latency;
pub use retry::{Backoff, RetryPolicy, is_retried_status};
pub use strategy::{CostLimits, FetchMode, FetchStrategy, SourceOrder, TierKind};
pub use time::{Deadline, TimeLimit, TimeLimits};
