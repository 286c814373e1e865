//! What is logged.

use clap::{Args, ValueEnum};

/// What is logged to stderr, and in which form.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct LogArgs {
    /// Log to stderr: off, error, warn (a source is no longer asked), info (also a line per request) or debug (each step).
    /// Logs have no personal data and no queries of URLs [default: off; of `serve`: warn].
    #[arg(long, value_name = "LEVEL", value_enum, global = true, hide_possible_values = true)]
    pub(crate) log: Option<LogLevel>,
    /// The form of the log: text or json, one object per line.
    #[arg(long, value_name = "FORMAT", value_enum, global = true, hide_possible_values = true, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
}

/// The least important events that are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    /// Nothing.
    Off,
    /// Errors of the program.
    Error,
    /// Also changes of the state of a source.
    Warn,
    /// Also one line per request.
    Info,
    /// Also each step of a request.
    Debug,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Text for people.
    Text,
    /// A JSON object.
    Json,
}

/// The log that the collector of a gateway gets.
#[cfg(feature = "serve")]
pub(crate) type ExportedLog = vast_gateway::telemetry::LogBuffer;
/// The log that the collector of a gateway gets. Without the gateway there is none.
#[cfg(not(feature = "serve"))]
pub(crate) type ExportedLog = tracing_subscriber::layer::Identity;
