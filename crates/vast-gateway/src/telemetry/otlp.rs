//! The JSON form of OTLP (opentelemetry-proto 1.x, "JSON Protobuf Encoding"): ids are hexadecimal, 64-bit integers are text.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};

use super::trace_context::{SpanId, TraceId};

/// A time in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UnixNanos(u64);

impl UnixNanos {
    pub(super) fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(nanos(time)))
    }

    pub(super) fn before(self, time: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(time)))
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl From<SystemTime> for UnixNanos {
    fn from(time: SystemTime) -> Self {
        Self(nanos(time.duration_since(UNIX_EPOCH).unwrap_or_default()))
    }
}

impl Serialize for UnixNanos {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        as_text(&self.0, serializer)
    }
}

/// A value as text.
pub(super) fn as_text<T: std::fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) enum AttributeValue {
    #[serde(rename = "stringValue", serialize_with = "as_text")]
    Text(Arc<str>),
    #[serde(rename = "intValue", serialize_with = "as_text")]
    Number(i64),
    #[serde(rename = "doubleValue")]
    Real(f64),
    #[serde(rename = "boolValue")]
    Truth(bool),
}

impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Arc<str>> for AttributeValue {
    fn from(text: Arc<str>) -> Self {
        Self::Text(text)
    }
}

impl From<u16> for AttributeValue {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

impl From<u32> for AttributeValue {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

/// An attribute of a resource, a span, a log record or a series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct KeyValue {
    key: Cow<'static, str>,
    value: AttributeValue,
}

impl KeyValue {
    pub(super) fn new(key: impl Into<Cow<'static, str>>, value: impl Into<AttributeValue>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

/// What sends the telemetry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct TelemetryResource {
    attributes: Vec<KeyValue>,
}

impl TelemetryResource {
    /// This program, as one of the instances of a service.
    pub(super) fn new(service: &str, instance: &str) -> Self {
        let attributes = vec![
            KeyValue::new("service.name", service),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", instance),
        ];
        Self { attributes }
    }
}

/// The kind of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum SpanKind {
    Internal = 1,
    Server = 2,
    Client = 3,
}

impl Serialize for SpanKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(*self as u8)
    }
}

/// The status of a span: unset, or an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpanStatus {
    Unset,
    Error,
}

impl Serialize for SpanStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Status {
            #[serde(skip_serializing_if = "Option::is_none")]
            code: Option<u8>,
        }
        Status { code: (*self == Self::Error).then_some(2) }.serialize(serializer)
    }
}

/// A span.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SpanRecord {
    pub(super) trace_id: TraceId,
    pub(super) span_id: SpanId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent_span_id: Option<SpanId>,
    pub(super) name: &'static str,
    pub(super) kind: SpanKind,
    pub(super) start_time_unix_nano: UnixNanos,
    pub(super) end_time_unix_nano: UnixNanos,
    pub(super) attributes: Vec<KeyValue>,
    pub(super) status: SpanStatus,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogRecord {
    pub(super) time_unix_nano: UnixNanos,
    pub(super) observed_time_unix_nano: UnixNanos,
    pub(super) severity_number: u8,
    pub(super) severity_text: &'static str,
    pub(super) body: AttributeValue,
    pub(super) attributes: Vec<KeyValue>,
}

/// The code that made the records.
#[derive(Debug, Serialize)]
struct InstrumentationScope {
    name: &'static str,
    version: &'static str,
}

const SCOPE: InstrumentationScope =
    InstrumentationScope { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };

/// The body of a request to the collector.
pub(super) fn payload<T: Serialize>(resource: &TelemetryResource, records: Records<'_, T>) -> Vec<u8> {
    // Plain data with text keys, so writing it cannot fail.
    serde_json::to_vec(&records.payload(resource)).unwrap_or_default()
}

/// The records of one kind.
pub(super) enum Records<'a, T> {
    Spans(&'a [T]),
    Metrics(&'a [T]),
    Logs(&'a [T]),
}

/// The names of the levels differ by the kind of the records, their structure does not.
#[derive(Serialize)]
enum Payload<'a, T> {
    #[serde(rename = "resourceSpans")]
    Spans([OfResource<'a, T>; 1]),
    #[serde(rename = "resourceMetrics")]
    Metrics([OfResource<'a, T>; 1]),
    #[serde(rename = "resourceLogs")]
    Logs([OfResource<'a, T>; 1]),
}

#[derive(Serialize)]
struct OfResource<'a, T> {
    resource: &'a TelemetryResource,
    #[serde(flatten)]
    scopes: OfScopes<'a, T>,
}

#[derive(Serialize)]
enum OfScopes<'a, T> {
    #[serde(rename = "scopeSpans")]
    Spans([SpansOfScope<'a, T>; 1]),
    #[serde(rename = "scopeMetrics")]
    Metrics([MetricsOfScope<'a, T>; 1]),
    #[serde(rename = "scopeLogs")]
    Logs([LogsOfScope<'a, T>; 1]),
}

#[derive(Serialize)]
struct SpansOfScope<'a, T> {
    scope: InstrumentationScope,
    spans: &'a [T],
}

#[derive(Serialize)]
struct MetricsOfScope<'a, T> {
    scope: InstrumentationScope,
    metrics: &'a [T],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogsOfScope<'a, T> {
    scope: InstrumentationScope,
    log_records: &'a [T],
}

impl<'a, T> Records<'a, T> {
    fn payload(self, resource: &'a TelemetryResource) -> Payload<'a, T> {
        let of = |scopes| [OfResource { resource, scopes }];
        match self {
            Self::Spans(spans) => Payload::Spans(of(OfScopes::Spans([SpansOfScope { scope: SCOPE, spans }]))),
            Self::Metrics(metrics) => {
                Payload::Metrics(of(OfScopes::Metrics([MetricsOfScope { scope: SCOPE, metrics }])))
            }
            Self::Logs(log_records) => Payload::Logs(of(OfScopes::Logs([LogsOfScope { scope: SCOPE, log_records }]))),
        }
    }
}
