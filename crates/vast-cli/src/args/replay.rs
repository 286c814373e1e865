//! `vast replay`.

use std::path::PathBuf;

use clap::Args;

use super::ask::RuleArgs;
use super::output::{OutputArgs, XmlArgs};

const EXAMPLES: &str = "\
Examples:
  vast request --config prod.toml --record yesterday.vastrec
  vast replay yesterday.vastrec --format json
  vast replay yesterday.vastrec --mode race --min-duration 20s
  vast replay recordings/ --config other.toml

Without other settings the recorded request is run again: the same result, the same JSON. With other
settings each server answers as long after its request as it was recorded. A source that was not
asked, or that was not waited for, is skipped (`not_recorded`), and the result is undecidable.
Of several recordings the sums are shown, then and now, and the requests that differ.
Nothing is sent: no request, no beacon.";

/// The arguments of `vast replay`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` shows examples.")]
pub(crate) struct ReplayArgs {
    /// The recordings: files that `vast request --record` wrote, and folders with such files.
    #[arg(value_name = "RECORDING", required = true)]
    pub(crate) recordings: Vec<PathBuf>,
    /// Read other settings from this TOML file. If it has no sources, those of the recording are asked. Arguments override it. The table
    /// `record` has no effect.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) xml: XmlArgs,
}
