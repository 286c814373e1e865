//! `vast track`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use vast_client::config::ClientConfig;

use super::consent::ConsentArgs;
use super::device::DeviceArgs;
use super::output::ListOutputArgs;
use super::source::{NetworkArgs, SourceArgument};
use super::tracking::DRAIN;
use super::value;
use crate::error::CommandError;

const EXAMPLES: &str = "\
Examples:
  vast track https://ads.example/vast --event start
  vast track ad.xml                                      every tracker of the ad
  vast track ad.xml --event error --error-code 405 --format json | jq -r '.trackers[].url'
  vast track ad.xml --event impression --fire            call them; the ad must be shown now
  vast track ad.xml --event start --fire --outbox beacons    store those that cannot be called now

Events are those of VAST (start, firstQuartile, mute ...), and impression, error, click,
customClick, nonLinearClick, nonLinearCustomClick, companionClick, iconView, iconClick,
viewable, notViewable, viewUndetermined, survey.";

/// The arguments of `vast track`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` shows examples.")]
pub(crate) struct TrackArgs {
    /// The ad: a URL, a path, or `-` for standard input. Wrappers are followed.
    #[arg(value_name = "INPUT", value_parser = SourceArgument::parse)]
    pub(crate) input: SourceArgument,
    /// The event; may be repeated [default: the trackers of all events].
    #[arg(long = "event", value_name = "NAME", value_parser = value::word)]
    pub(crate) events: Vec<String>,
    /// Call the trackers. An impression without a viewer is invalid traffic.
    #[arg(long, requires = "events")]
    pub(crate) fire: bool,
    /// The code for `--event error`.
    #[arg(long, value_name = "NUMBER", default_value_t = vast_client::track::AdEvent::UNDEFINED_ERROR)]
    pub(crate) error_code: u16,
    /// The reason for `--event verificationNotExecuted`: 1 rejected, 2 not supported, 3 not loaded.
    #[arg(long, value_name = "NUMBER", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=3))]
    pub(crate) reason: u8,
    /// Time limit of the whole request, such as 1500ms or 3s [default: 3s].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    timeout: Option<Duration>,
    /// How long to wait for trackers that are called, such as 3s [default: 3s].
    #[arg(long, value_name = "TIME", value_parser = value::duration, requires = "fire")]
    drain: Option<Duration>,
    /// Store beacons in this file until they are delivered or given up. The next process that uses the file delivers what is
    /// left [default: beacons are stored in memory].
    #[arg(long, value_name = "PATH", requires = "fire")]
    pub(crate) outbox: Option<PathBuf>,
    /// Start value for everything random, to repeat the command exactly.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    consent: ConsentArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Allow redirects, wrappers and trackers at private addresses and on any port.
    #[arg(long, help_heading = "Network")]
    pub(crate) allow_private: bool,
    #[command(flatten)]
    pub(crate) output: ListOutputArgs,
}

impl TrackArgs {
    /// Fills in the settings of a request that calls no trackers.
    ///
    /// # Errors
    /// There are too many foreign macros.
    pub(crate) fn apply(&self, file: &mut ClientConfig) -> Result<(), CommandError> {
        self.device.apply(file)?;
        self.consent.apply(file);
        (file.fetch.auto_track, file.fetch.report_errors) = (false, false);
        file.request.seed = self.seed;
        // The trackers of every ad are listed, whatever it needs to be played.
        file.request.slot.non_linear = true;
        file.request.slot.any_creative = true;
        let limits = &mut file.fetch.strategy.limits;
        limits.timeout = self.timeout.unwrap_or(limits.timeout);
        // There is one source, so it may use the whole time.
        limits.source_timeout = Some(limits.timeout);
        file.fetch.ca_file.clone_from(&self.network.ca_file);
        file.fetch.proxy.clone_from(&self.network.proxy);
        Ok(())
    }

    /// How long to wait for trackers.
    pub(crate) fn drain(&self) -> Duration {
        self.drain.unwrap_or(DRAIN)
    }
}
