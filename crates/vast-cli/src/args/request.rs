//! `vast request`.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use vast_client::config::ClientConfig;

use super::ask::AskArgs;
use super::output::{OutputArgs, XmlArgs};
use super::record::RecordArgs;
use super::repeat::RepeatArgs;
use super::tracking::TrackingArgs;

const EXAMPLES: &str = "\
Examples:
  vast request https://ads.example/vast?cb=[CACHEBUSTING]
  vast request east=https://east.example/v west=https://west.example/v --mode race --timeout 1500ms
  vast request https://ads.example/vast --fallback house.xml --min-bitrate 1000
  vast request --config prod.toml --format json | jq .selected_media.url
  vast request --config prod.toml --repeat 1000 --concurrency 20 --metrics-file vast.prom
  vast request --config prod.toml --record answer.vastrec
  curl -s https://ads.example/vast | vast request - --format xml
  vast request https://ads.example/v --format xml --inject-impression https://own.example/i

A source wins only with a usable ad. After an error, an empty answer, a broken document or an ad
that does not meet the conditions, the next source or the fallback counts.
Times are written with their unit: 1500ms, 3s.";

/// The arguments of `vast request`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` shows examples.")]
pub(crate) struct RequestArgs {
    #[command(flatten)]
    pub(crate) ask: AskArgs,
    #[command(flatten)]
    tracking: TrackingArgs,
    #[command(flatten)]
    pub(crate) repeat: RepeatArgs,
    #[command(flatten)]
    pub(crate) record: RecordArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) xml: XmlArgs,
    /// Add the text of the winning source's own document to the JSON.
    #[arg(long, help_heading = "Output")]
    raw: bool,
}

impl RequestArgs {
    /// Overrides the settings of `file` by the arguments that only `request` has.
    pub(crate) fn apply(&self, file: &mut ClientConfig) {
        self.tracking.apply(file);
        file.fetch.keep_raw |= self.raw;
    }

    /// The outbox file.
    pub(crate) fn outbox(&self) -> Option<&Path> {
        self.tracking.outbox()
    }

    /// How long to wait for trackers after the answer.
    pub(crate) fn drain(&self) -> Duration {
        self.tracking.drain()
    }
}
