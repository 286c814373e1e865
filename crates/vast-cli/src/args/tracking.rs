//! Whether trackers are called.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use vast_client::config::ConfigFile;

use super::value;

/// Whether trackers are called.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tracking")]
pub(crate) struct TrackingArgs {
    /// Call the impression trackers of the answer, and the error trackers of what failed: you say that the ad is played
    /// now. An impression that nobody saw is invalid traffic [default: nothing is called].
    #[arg(long)]
    track: bool,
    /// Call the error trackers of what failed, and no impression.
    #[arg(long)]
    report_errors: bool,
    /// Call the `notUsed` trackers of usable ads that lost: you say that nobody will play them.
    #[arg(long)]
    report_not_used: bool,
    /// How long to wait for trackers after the answer, with unit [default: 3s].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    drain: Option<Duration>,
    /// Keep beacons in this file until they are settled: the answer is printed when they are safe in it, and what was not
    /// called by the end is called by the next process that uses it [default: they are kept in memory].
    #[arg(long, value_name = "PATH")]
    outbox: Option<PathBuf>,
}

/// How long trackers are waited for when nothing is said: as long as one of them may take.
pub(super) const DRAIN: Duration = Duration::from_secs(3);

impl TrackingArgs {
    /// Takes what is given over what stands in `file`. What the library tracks by default is not tracked here: a command
    /// line is for looking at ads.
    pub(super) fn apply(&self, file: &mut ConfigFile) {
        let track = self.track || file.track.unwrap_or(false);
        file.fetch.auto_track = track;
        file.fetch.report_not_used |= self.report_not_used;
        file.fetch.report_errors = self.report_errors || file.report_errors.unwrap_or(track);
    }

    /// Where beacons are kept.
    pub(super) fn outbox(&self) -> Option<&Path> {
        self.outbox.as_deref()
    }

    /// How long trackers are waited for.
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
        let mut file = ConfigFile::try_from(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        arguments.apply(&mut file);
        (file.fetch.auto_track, file.fetch.report_errors)
    }

    #[test]
    fn nothing_is_called_unless_somebody_says_so() {
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
