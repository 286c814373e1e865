//! The log on stderr. A thread writes it, so that a slow terminal or a full pipe never delays a request: lines wait in a bounded
//! queue, and when it is full further lines are dropped and counted.

mod json;

use std::io::{self, BufWriter, Stderr, Write};
use std::sync::mpsc;
use std::time::Duration;

use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry, fmt, registry};

use crate::args::{ExportedLog, LogArgs, LogFormat, LogLevel};
use crate::stdio;

/// How many lines wait for the thread at most.
const QUEUED_LINES: usize = 10_000;
/// How many bytes are written at once at most.
const WRITTEN_AT_ONCE: usize = 64 << 10;
/// How long the thread lets lines gather after it has written some. Without it each line wakes the thread when lines come a little slower
/// than it writes them, and a wake-up costs more than the line.
const GATHER: Duration = Duration::from_millis(2);
/// For how long the end of the program waits until the last message is written.
const LAST_MESSAGE: Duration = Duration::from_millis(200);

/// A log that is being written.
pub(crate) struct StderrLog {
    dropped: ErrorCounter,
    writer: WorkerGuard,
}

/// Writes the lines that have gathered with one system call.
struct LineBlocks(BufWriter<Stderr>);

impl Write for LineBlocks {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write(line)
    }

    /// The thread calls it when no line waits.
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        #[expect(clippy::disallowed_methods, reason = "this thread only writes the log, and no runtime uses it")]
        std::thread::sleep(GATHER);
        Ok(())
    }
}

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

/// Starts the log on stderr, `None` if nothing is logged there, and the `exported` one.
pub(crate) fn start(arguments: &LogArgs, line: RequestLine, exported: Option<ExportedLog>) -> Option<StderrLog> {
    let mut layers = LogLayers::new();
    layers
        .extend(exported.map(|layer| layer.with_filter(own_events(LevelFilter::INFO, RequestLine::OfGateway)).boxed()));
    let stderr = level_of(arguments.log).map(|level| {
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
        let queue = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(QUEUED_LINES).thread_name("log");
        let (queue, writer) = queue.finish(LineBlocks(BufWriter::with_capacity(WRITTEN_AT_ONCE, io::stderr())));
        let dropped = queue.error_counter();
        let lines = fmt::layer().with_writer(queue).with_ansi(false);
        let layer = match format {
            LogFormat::Text => lines.with_target(false).boxed(),
            LogFormat::Json => lines.fmt_fields(JsonFields::new()).event_format(json::JsonLines).boxed(),
        };
        (layer, Self { dropped, writer })
    }

    /// Writes the lines that still wait, and says how many were dropped. It ends after about a second even if stderr is not read.
    pub(crate) fn finish(self) {
        let Self { dropped, writer } = self;
        drop(writer);
        let dropped = dropped.dropped_lines();
        if dropped == 0 {
            return;
        }
        let (written, wait) = mpsc::channel();
        // The message goes to the pipe that was too slow, and must not stop the program.
        std::thread::spawn(move || {
            let lines = if dropped == 1 { "line was" } else { "lines were" };
            stdio::message(&format!("log: {dropped} {lines} dropped, because stderr was not read fast enough"));
            written.send(()).ok();
        });
        wait.recv_timeout(LAST_MESSAGE).ok();
    }
}
