//! The log on stderr. A thread writes it, so that a slow terminal or a full pipe never delays a request: lines wait in a bounded
//! buffer, and when it is full further lines are dropped and counted.

mod json;
mod line_time;
mod lines;
mod text;
#[cfg(test)]
mod written_lines;

use std::io;
use std::time::Duration;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry, fmt, registry};

use self::lines::LineBuffer;
use crate::args::{ExportedLog, LogArgs, LogFormat, LogLevel};
use crate::message_queue::message_in_time;

/// For how long the end of the program waits until the lines that wait are written.
const LAST_LINES: Duration = Duration::from_secs(1);

/// A log that is being written.
pub(crate) struct StderrLog(LineBuffer);

/// Who writes the line of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestLine {
    /// The client, with the spans of the request.
    OfClient,
    /// The gateway. The line of the client would say the same again.
    OfGateway,
}

/// The layers of the log. One that may be missing must not be an `Option` in the registry: a span that no layer wants would be made
/// for each request all the same.
type LogLayers = Vec<Box<dyn Layer<Registry> + Send + Sync>>;

/// Starts the log on stderr, `None` if nothing is logged there, and the `exported` one. `default` holds unless the caller has named a level.
pub(crate) fn start(
    arguments: &LogArgs,
    default: LogLevel,
    line: RequestLine,
    exported: Option<ExportedLog>,
) -> Option<StderrLog> {
    let mut layers = LogLayers::new();
    layers
        .extend(exported.map(|layer| layer.with_filter(own_events(LevelFilter::INFO, RequestLine::OfGateway)).boxed()));
    let stderr = level_of(arguments.log.unwrap_or(default)).map(|level| {
        let (layer, log) = StderrLog::start(arguments.log_format);
        layers.push(layer.with_filter(own_events(level, line)).boxed());
        log
    });
    if layers.is_empty() {
        return None;
    }
    // It fails only if there is a log already.
    registry().with(layers).try_init().ok()?;
    stderr
}

/// `None` if nothing is logged.
fn level_of(level: LogLevel) -> Option<LevelFilter> {
    match level {
        LogLevel::Off => None,
        LogLevel::Error => Some(LevelFilter::ERROR),
        LogLevel::Warn => Some(LevelFilter::WARN),
        LogLevel::Info => Some(LevelFilter::INFO),
        LogLevel::Debug => Some(LevelFilter::DEBUG),
    }
}

/// Only our own events: what the libraries below log is not checked for personal data.
fn own_events(level: LevelFilter, line: RequestLine) -> Targets {
    let own = Targets::new().with_target("vast", level);
    if line == RequestLine::OfGateway && level == LevelFilter::INFO {
        return own.with_target("vast_client", LevelFilter::WARN).with_target("vast_client::track", level);
    }
    own
}

impl StderrLog {
    /// Starts the thread, and makes the layer that gives it the lines.
    fn start(format: LogFormat) -> (Box<dyn Layer<Registry> + Send + Sync>, Self) {
        let buffer = LineBuffer::written_to(io::stderr());
        let lines = fmt::layer().with_writer(buffer.clone()).with_ansi(false);
        let layer = match format {
            LogFormat::Text => {
                lines.with_target(false).with_timer(text::LineTimer).fmt_fields(text::TextFields).boxed()
            }
            LogFormat::Json => lines.fmt_fields(JsonFields::new()).event_format(json::JsonLines).boxed(),
        };
        (layer, Self(buffer))
    }

    /// Writes the lines that still wait, and says how many were dropped. It ends after about a second even if stderr is not read.
    pub(crate) fn finish(self) {
        let dropped = self.0.close(LAST_LINES);
        if dropped == 0 {
            return;
        }
        let lines = if dropped == 1 { "line was" } else { "lines were" };
        message_in_time(&format!("log: {dropped} {lines} dropped, because stderr was not read fast enough"));
    }
}
