//! Rules as data and small state machines: time limits, retries, latency, what a source is told of a viewer. No I/O here; `now` and the generator come in.

mod deadline;
mod latency;
mod privacy;
mod retry;
mod time;

pub use deadline::Deadline;
pub use latency::Latency;
pub use privacy::{IfaPolicy, IpPolicy, Privacy, UserAgentPolicy};
pub use retry::RetryPolicy;
pub use time::{TimeLimit, TimeLimits};
