//! Rules as data and small state machines: time limits, retries, latency. No I/O here; `now` and the generator come in.

mod deadline;
mod latency;
mod retry;
mod time;

pub use deadline::Deadline;
pub use latency::Latency;
pub use retry::RetryPolicy;
pub use time::{TimeLimit, TimeLimits};
