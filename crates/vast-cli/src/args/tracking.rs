//! Which trackers are called, and where beacons are stored.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use vast_client::config::ClientConfig;

use super::value;

/// Which trackers are called, and where beacons are stored.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tracking")]
pub(crate) struct TrackingArgs {
    /// Call the impression trackers of the answer and the error trackers of failed sources. Use it only when the ad is shown
    /// now: an impression without a viewer is invalid traffic [default: no tracker is called].
    #[arg(long)]
    track: bool,
    /// Call the error trackers of failed sources, and no impression trackers.
    #[arg(long)]
    report_errors: bool,
    /// Call the `notUsed` trackers of usable ads that were not selected. Use it only when they will not be shown.
    #[arg(long)]
    report_not_used: bool,
    /// How long to wait for trackers after the answer, such as 3s [default: 3s].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    drain: Option<Duration>,
    /// Store beacons in this file until they are delivered or given up. The answer is printed after they were stored. The next
    /// process that uses the file delivers what is left [default: beacons are stored in memory].
    #[arg(long, value_name = "PATH")]
    outbox: Option<PathBuf>,
}

/// The default of `--drain`: the time limit of one tracker request.
pub(super) const DRAIN: Duration = Duration::from_secs(3);

impl TrackingArgs {
    /// Overrides the settings of `file` by the arguments that are present. By default no tracker is called, unlike in
    /// the library: the command is mostly used to look at ads.
    pub(super) fn apply(&self, file: &mut ClientConfig) {
        let track = self.track || file.track.unwrap_or(false);
        file.fetch.auto_track = track;
        file.fetch.report_not_used |= self.report_not_used;
        file.fetch.report_errors = self.report_errors || file.report_errors.unwrap_or(track);
    }

    /// The outbox file.
    pub(super) fn outbox(&self) -> Option<&Path> {
        self.outbox.as_deref()
    }

    /// How long to wait for trackers.
    pub(super) fn drain(&self) -> Duration {
        self.drain.unwrap_or(DRAIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracks(arguments: (bool, bool), text: &str) -> (bool, bool) {
        let (track, report_errors) = arguments;
        let arguments = TrackingArgs { track, report_errors, report_not_used: false, drain: None, outbox: None };
        let mut file = ClientConfig::try_from(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        arguments.apply(&mut file);
        (file.fetch.auto_track, file.fetch.report_errors)
    }

    #[test]
    fn no_tracker_is_called_by_default() {
        let cases = [
            ((false, false), "", (false, false)),
            ((true, false), "", (true, true)),
            ((false, true), "", (false, true)),
            ((false, false), "track = true", (true, true)),
            ((false, false), "track = true\nreport_errors = false", (true, false)),
            ((true, false), "track = false", (true, true)),
            ((false, false), "report_errors = true", (false, true)),
            ((false, true), "report_errors = false", (false, true)),
        ];
        for (arguments, text, expected) in cases {
            assert_eq!(tracks(arguments, text), expected, "{arguments:?} {text:?}");
        }
    }
}
