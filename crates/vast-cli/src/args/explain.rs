//! `vast explain`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::ask::AskArgs;

const EXAMPLES: &str = "\
Examples:
  vast explain https://ads.example/vast
  vast explain --config prod.toml
  vast explain --config prod.toml --format html --output why.html
  vast explain yesterday.vastrec

Requests an ad as `vast request` does, or takes a request that `vast request --record` wrote to a
file, and tells why it got this ad, or none: who was asked when, what each source answered, the
verdict on each ad, the limits that fired, the trackers that are due, and what would have changed
the outcome. No tracker is called. The exit code is 0 with and without an ad.";

/// The form of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// Text for people.
    Human,
    /// One HTML page that loads nothing.
    Html,
}

/// The arguments of `vast explain`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` shows examples.")]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) ask: AskArgs,
    /// Of a file with several recordings, the request with this id.
    #[arg(long, value_name = "ID")]
    pub(crate) request: Option<String>,
    /// The output format.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ExplainFormat::Human, help_heading = "Output")]
    pub(crate) format: ExplainFormat,
    /// Write to this file instead of standard output. An older file is replaced.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Show everything: every step, warning and tracker URL.
    #[arg(long, short, help_heading = "Output")]
    pub(crate) verbose: bool,
}
