//! `vast request`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use vast_client::config::ClientConfig;

use super::conditions::{FilterArgs, SlotArgs};
use super::consent::ConsentArgs;
use super::device::DeviceArgs;
use super::limits::LimitArgs;
use super::output::{OutputArgs, XmlArgs};
use super::repeat::RepeatArgs;
use super::source::{NetworkArgs, SourceArgument};
use super::strategy::StrategyArgs;
use super::tracking::TrackingArgs;
use crate::error::CommandError;

const EXAMPLES: &str = "\
Examples:
  vast request https://ads.example/vast?cb=[CACHEBUSTING]
  vast request east=https://east.example/v west=https://west.example/v --mode race --timeout 1500ms
  vast request https://ads.example/vast --fallback house.xml --min-bitrate 1000
  vast request --config prod.toml --format json | jq .selected_media.url
  vast request --config prod.toml --repeat 1000 --concurrency 20 --metrics-file vast.prom
  curl -s https://ads.example/vast | vast request - --format xml
  vast request https://ads.example/v --format xml --inject-impression https://own.example/i

A source wins only with a usable ad. After an error, an empty answer, a broken document or an ad
that does not meet the conditions, the next source or the fallback counts.
Times are written with their unit: 1500ms, 3s.";

/// The arguments of `vast request`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` shows examples.")]
pub(crate) struct RequestArgs {
    /// The sources, best first: a URL, a path, or `-` for standard input, each with or without NAME= before it.
    #[arg(value_name = "SOURCE", value_parser = SourceArgument::parse)]
    pub(crate) sources: Vec<SourceArgument>,
    /// A source that is asked when none of the sources has a usable ad; may be repeated.
    #[arg(long = "fallback", value_name = "SOURCE", value_parser = SourceArgument::parse)]
    pub(crate) fallbacks: Vec<SourceArgument>,
    /// Read settings from this TOML file. Arguments override it.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    strategy: StrategyArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    slot: SlotArgs,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    consent: ConsentArgs,
    #[command(flatten)]
    tracking: TrackingArgs,
    /// Of a playlist (VMAP) run only the breaks with this id.
    #[arg(long = "break", value_name = "ID", help_heading = "Break")]
    break_id: Option<String>,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    pub(crate) repeat: RepeatArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Allow redirects, wrappers and trackers at private addresses and on any port.
    #[arg(long, help_heading = "Network")]
    pub(crate) allow_private: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) xml: XmlArgs,
    /// Add the text of the winning source's own document to the JSON.
    #[arg(long, help_heading = "Output")]
    raw: bool,
}

impl RequestArgs {
    /// Overrides the settings of `file` by the arguments that are present, except the sources.
    ///
    /// # Errors
    /// There is no profile of the given name, or there are too many foreign macros.
    pub(crate) fn apply(&self, file: &mut ClientConfig) -> Result<(), CommandError> {
        self.strategy.apply(file);
        self.filter.apply(file);
        self.slot.apply(file)?;
        self.device.apply(file)?;
        self.consent.apply(file);
        self.tracking.apply(file);
        self.limits.apply(file);
        if let Some(id) = &self.break_id {
            file.request.break_id = Some(id.clone());
        }
        file.fetch.keep_raw |= self.raw;
        if let Some(ca_file) = &self.network.ca_file {
            file.fetch.ca_file = Some(ca_file.clone());
        }
        Ok(())
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
