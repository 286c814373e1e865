//! The log of the gateway for the collector: a layer of `tracing` that fills a bounded queue.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use vast_client::env::Env;

use super::otlp::{AttributeValue, KeyValue, LogRecord, UnixNanos};
use super::queue::ExportQueue;

/// How many lines wait for the collector at most.
const MOST_LINES: usize = 10_000;
/// The longest value of a field, in bytes.
const MOST_BYTES: usize = 1_024;

/// Lines of the log that wait for the collector of `[telemetry]`. It is a layer for a subscriber of the crate `tracing-subscriber`; give
/// the same buffer to [`GatewayBuilder::logs`](crate::GatewayBuilder::logs). Without a collector it keeps nothing.
///
/// Let only events of the targets that begin with `vast` pass, of level INFO: what other libraries log is not checked for personal data.
#[derive(Clone)]
pub struct LogBuffer(Arc<BufferState>);

struct BufferState {
    lines: ExportQueue<LogRecord>,
    /// Whether a collector takes the lines.
    is_open: AtomicBool,
    env: Env,
}

impl Default for LogBuffer {
    fn default() -> Self {
        let (lines, env) = (ExportQueue::new(MOST_LINES), Env::system());
        Self(Arc::new(BufferState { lines, is_open: AtomicBool::new(false), env }))
    }
}

impl LogBuffer {
    /// Keeps lines from now on.
    pub(super) fn open(&self) {
        self.0.is_open.store(true, Ordering::Relaxed);
    }

    pub(super) fn lines(&self) -> &ExportQueue<LogRecord> {
        &self.0.lines
    }
}

impl fmt::Debug for LogBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogBuffer")
    }
}

impl<S: Subscriber> Layer<S> for LogBuffer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if !self.0.is_open.load(Ordering::Relaxed) {
            return;
        }
        let mut fields = EventFields::default();
        event.record(&mut fields);
        let now = UnixNanos::from(self.0.env.wall());
        let (severity_number, severity_text) = severity(*event.metadata().level());
        fields.attributes.push(KeyValue::new("log.target", event.metadata().target()));
        self.0.lines.push_one(LogRecord {
            time_unix_nano: now,
            observed_time_unix_nano: now,
            severity_number,
            severity_text,
            body: AttributeValue::Text(fields.message.into()),
            attributes: fields.attributes,
        });
    }
}

/// The number of a level in the log data model of OpenTelemetry, and its name.
fn severity(level: Level) -> (u8, &'static str) {
    match level {
        Level::ERROR => (17, "ERROR"),
        Level::WARN => (13, "WARN"),
        Level::INFO => (9, "INFO"),
        Level::DEBUG => (5, "DEBUG"),
        Level::TRACE => (1, "TRACE"),
    }
}

/// The fields of an event.
#[derive(Default)]
struct EventFields {
    message: String,
    attributes: Vec<KeyValue>,
}

impl EventFields {
    fn add(&mut self, field: &Field, value: impl Into<AttributeValue>) {
        self.attributes.push(KeyValue::new(field.name(), value));
    }
}

impl Visit for EventFields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = write!(text, "{value:?}");
        self.record_str(field, &text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let end = (0..=value.len().min(MOST_BYTES)).rev().find(|end| value.is_char_boundary(*end));
        let value = value.get(..end.unwrap_or_default()).unwrap_or_default();
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.add(field, value);
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, AttributeValue::Number(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, AttributeValue::Number(i64::try_from(value).unwrap_or(i64::MAX)));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, AttributeValue::Real(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, AttributeValue::Truth(value));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[test]
    fn an_event_becomes_a_record_and_without_a_collector_nothing_is_kept() {
        let buffer = LogBuffer::default();
        let long = "é".repeat(MOST_BYTES);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(buffer.clone()), || {
            tracing::info!("before");
            buffer.open();
            let none = None::<&str>;
            tracing::info!(outcome = "filled", status = 200_u16, share = 0.5, is_late = true, none, "served");
            tracing::warn!(problem = %long, "state");
        });
        let records = serde_json::to_value(buffer.lines().take(9)).expect("plain data");
        assert_eq!(records.as_array().map(Vec::len), Some(2));
        let served = &records[0];
        assert_eq!((&served["severityNumber"], &served["body"]["stringValue"]), (&9.into(), &"served".into()));
        let values: Vec<String> = served["attributes"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| format!("{}={}", one["key"].as_str().unwrap_or_default(), one["value"]))
            .collect();
        assert_eq!(
            values[..4],
            [
                r#"outcome={"stringValue":"filled"}"#,
                r#"status={"intValue":"200"}"#,
                r#"share={"doubleValue":0.5}"#,
                r#"is_late={"boolValue":true}"#,
            ]
        );
        let problem = records[1]["attributes"][0]["value"]["stringValue"].as_str().expect("text");
        assert_eq!(problem.len(), MOST_BYTES);
    }
}
