//! `vast parse`.

use std::time::Duration;

use clap::Args;

use super::output::{OutputArgs, XmlArgs};
use super::source::{NetworkArgs, SourceArgument};
use super::value;

const EXAMPLES: &str = "\
Examples:
  vast parse ad.xml
  vast parse https://ads.example/vast --format json | jq '.ads[].creatives[].linear.media_files'
  curl -s https://ads.example/vast | vast parse - --strict
  vast parse ad.xml --format xml --to-version 2.0

Wrappers are shown, not followed: `vast request` does that.
--format xml prints the document unchanged but for injected trackers, converted to UTF-8.
Of a VMAP the ad breaks are shown, and the ads that it holds itself.";

/// The arguments of `vast parse`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` shows examples.")]
pub(crate) struct ParseArgs {
    /// The document: a URL, a path, or `-` for standard input.
    #[arg(value_name = "INPUT", value_parser = SourceArgument::parse)]
    pub(crate) input: SourceArgument,
    /// Refuse the first deviation from the schemas instead of reading on with a warning.
    #[arg(long)]
    pub(crate) strict: bool,
    /// How long fetching a URL may take, with unit [default: 3s].
    #[arg(long, value_name = "TIME", value_parser = value::duration, help_heading = "Network")]
    pub(crate) timeout: Option<Duration>,
    /// Send a header with the request; may be repeated.
    #[arg(long = "header", value_name = "'NAME: VALUE'", value_parser = value::header, help_heading = "Network")]
    pub(crate) headers: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) xml: XmlArgs,
    /// Write what was read in canonical form: the order of elements that the 4.2 schema has, indented, URLs in CDATA.
    #[arg(long, help_heading = "With --format xml")]
    pub(crate) canonical: bool,
}
