//! Numbers over many requests: outcomes, attempts, bytes and latencies of each source, and beacons. The counters are the only place where
//! they are counted; snapshots, Prometheus and the facade of the crate `metrics` read them.
//!
//! The names in them are the names of the plan's sources and the names of closed sets, so their number is limited.

mod counters;
#[cfg(feature = "metrics")]
mod facade;
mod families;
mod histogram;
mod interval;
mod prometheus;
mod request_count;
mod snapshot;

pub(crate) use counters::{ArmCounters, RequestCounters, SourceCounters};
#[cfg(feature = "metrics")]
pub use facade::MetricsForwarder;
pub use families::{MetricFamily, MetricLabels, MetricSink};
pub use histogram::{Histogram, HistogramRecorder};
pub use interval::{Interval, Proportion};
pub use prometheus::PrometheusText;
pub(crate) use request_count::{CountedAnswer, PlanCounters, RequestCount};
#[cfg(feature = "json")]
pub(crate) use snapshot::share;
pub use snapshot::{ArmStats, BeaconStats, ClientStats, PlanStats, RequestStats, SourceStats, Tally};
