//! Traces, metrics and logs for a collector (OpenTelemetry), in the JSON form of OTLP over HTTP.
//!
//! ```text
//! exchange ─> RequestTrace ─> sampler: is it kept? ─> spans (from the journal) ─┐
//! tracing  ─> LogBuffer ────────────────────────────────────────────────────────┼─ bounded queues ─> exporter ─> collector
//! /metrics ─> metric_points ────────────────────────────────────────────────────┘
//! ```
//!
//! Nothing waits for the collector: what a queue has no room for is dropped and counted, and so is what the collector does not take.

mod collector;
mod exporter;
mod journal_spans;
mod log_buffer;
mod metric_points;
mod otlp;
mod queue;
mod sampler;
mod trace_context;

pub(crate) use exporter::{RequestEnd, Telemetry};
pub use log_buffer::LogBuffer;
pub(crate) use trace_context::RequestTrace;
