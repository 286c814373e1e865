//! `[telemetry]`: the collector that gets traces, metrics and logs.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use vast_client::config::DurationValue;

use super::secret::AccessKey;
use super::value::KeyTable;

/// The collector that gets traces, metrics and logs (OpenTelemetry), and which traces it gets.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TelemetryConfig {
    /// The URL of a collector that takes OTLP over HTTP, for example `http://127.0.0.1:4318`. `/v1/traces`, `/v1/metrics` and `/v1/logs`
    /// are added to its path.
    pub otlp: String,
    /// Headers of each request to the collector, for example its key. Each has a name and a secret value. Default: none.
    pub headers: Vec<AccessKey>,
    /// What is sent. Default: everything.
    pub signals: Vec<TelemetrySignal>,
    /// The share of all requests whose traces are sent, from 0 to 1. Default: 0.01. Requests that failed are always sent.
    pub sample: f64,
    /// The share of the slowest requests whose traces are sent too, from 0 to 1. Default: 0.01.
    pub slowest: f64,
    /// Whether requests to ad servers have the header `traceparent`. Default: no, because it lets them recognise the requests of one
    /// trace.
    pub propagate: bool,
    /// How often metrics are sent. Default: 60 s.
    pub metrics_interval: Duration,
    /// The name of the service in the collector (`service.name`). Default: `vast-gateway`.
    pub service_name: String,
}

impl TelemetryConfig {
    /// Everything is sent to the collector at this URL.
    pub fn new(otlp: impl Into<String>) -> Self {
        Self {
            otlp: otlp.into(),
            headers: Vec::new(),
            signals: TelemetrySignal::ALL.to_vec(),
            sample: 0.01,
            slowest: 0.01,
            propagate: false,
            metrics_interval: Duration::from_secs(60),
            service_name: "vast-gateway".to_owned(),
        }
    }
}

/// A kind of telemetry.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TelemetrySignal {
    /// The course of a request: the sources that were asked, and each exchange with a server.
    Traces,
    /// What `/metrics` shows.
    Metrics,
    /// The lines of the log: one for each request, and one for each change of a source's state.
    Logs,
}

impl TelemetrySignal {
    /// All kinds.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name: the last part of the path at the collector.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The collector that gets traces, metrics and logs (OpenTelemetry), and which traces it gets.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "telemetry")]
pub(super) struct TelemetryTable {
    /// The URL of a collector that takes OTLP over HTTP, for example `http://127.0.0.1:4318`. `/v1/traces`, `/v1/metrics` and `/v1/logs`
    /// are added to its path.
    pub(super) otlp: String,
    /// Headers of each request to the collector, for example its key. Default: none.
    #[serde(default)]
    pub(super) headers: Vec<KeyTable>,
    /// What is sent. Default: everything.
    signals: Option<Vec<TelemetrySignal>>,
    /// The share of all requests whose traces are sent, from 0 to 1. Default: 0.01. Requests that failed are always sent.
    sample: Option<f64>,
    /// The share of the slowest requests whose traces are sent too, from 0 to 1. Default: 0.01.
    slowest: Option<f64>,
    /// Whether requests to ad servers have the header `traceparent`. Default: no, because it lets them recognise the requests of one
    /// trace.
    #[serde(default)]
    propagate: bool,
    /// How often metrics are sent. Default: 60 s.
    #[schemars(with = "Option<String>")]
    metrics_interval: Option<DurationValue>,
    /// The name of the service in the collector (`service.name`). Default: `vast-gateway`.
    service_name: Option<String>,
}

impl TelemetryTable {
    /// The configuration, with the values of `headers`.
    pub(super) fn with_headers(self, headers: Vec<AccessKey>) -> TelemetryConfig {
        let default = TelemetryConfig::new(self.otlp);
        TelemetryConfig {
            headers,
            signals: self.signals.unwrap_or(default.signals),
            sample: self.sample.unwrap_or(default.sample),
            slowest: self.slowest.unwrap_or(default.slowest),
            propagate: self.propagate,
            metrics_interval: self.metrics_interval.map_or(default.metrics_interval, |value| value.0),
            service_name: self.service_name.unwrap_or(default.service_name),
            otlp: default.otlp,
        }
    }
}
