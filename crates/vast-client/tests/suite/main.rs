//! All integration tests in one binary, because linking dominates the time to build them.

mod pipeline;
mod scenario;
mod support;

mod beacon_limits;
mod costs;
mod entry_points;
#[cfg(feature = "http")]
mod examples;
#[cfg(feature = "http")]
mod hostile_floods;
#[cfg(feature = "http")]
mod hostile_http2;
#[cfg(feature = "http")]
mod hostile_names;
mod lanes;
#[cfg(feature = "http")]
mod pipeline_connections;
#[cfg(feature = "http")]
mod pipeline_faults;
#[cfg(feature = "http")]
mod pipeline_losers;
#[cfg(feature = "http")]
mod pipeline_not_used;
#[cfg(feature = "http")]
mod pipeline_privacy;
#[cfg(feature = "http")]
mod pipeline_samples;
mod resolve;
mod resolve_trees;
mod scenarios;
mod tracing_events;
mod tracker_events;
#[cfg(feature = "http")]
mod transport_http;
#[cfg(feature = "http")]
mod transport_tls;
#[cfg(feature = "json")]
mod wire_schema;
