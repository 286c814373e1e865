//! What is done to a document before it is written.

use clap::Args;
use vast_xml::model::Event;
use vast_xml::{Injection, Version};

use super::output::{Format, OutputArgs};
use super::value;
use crate::problem::Problem;

/// What is done to a document before it is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "With --format xml")]
pub(crate) struct XmlArgs {
    /// Write it in this version: 2.0, 3.0, 4.0, 4.1, 4.2 or 4.3 [default: as it came].
    #[arg(long, value_name = "VERSION", value_parser = value::version)]
    pub(crate) to_version: Option<Version>,
    /// Put one more impression into every ad; may be repeated. Macros stay for the player.
    #[arg(long, value_name = "URL", value_parser = value::tracker)]
    inject_impression: Vec<String>,
    /// Put one more tracker into every linear creative, such as start=https://...; may be repeated.
    #[arg(long, value_name = "EVENT=URL", value_parser = value::event_tracker)]
    inject_tracking: Vec<(Event, String)>,
}

impl XmlArgs {
    /// The trackers to put in.
    pub(crate) fn injection(&self) -> Injection {
        let impressions = self.inject_impression.iter();
        let injection = impressions.fold(Injection::default(), |injection, url| injection.impression(url.as_str()));
        let trackers = self.inject_tracking.iter();
        trackers.fold(injection, |injection, (event, url)| injection.tracking(event.clone(), url.as_str()))
    }

    /// Refuses what has no effect: other forms than XML show what came, not what would be written.
    ///
    /// # Errors
    /// A [`Problem`] that names the argument.
    pub(crate) fn check(&self, output: &OutputArgs) -> Result<(), Problem> {
        let given = [
            (self.to_version.is_some(), "--to-version"),
            (!self.inject_impression.is_empty(), "--inject-impression"),
            (!self.inject_tracking.is_empty(), "--inject-tracking"),
        ];
        match given.into_iter().find(|(is_given, _)| *is_given && output.format != Format::Xml) {
            Some((_, flag)) => Err(Problem::usage(format!("{flag}: needs --format xml"))),
            None => Ok(()),
        }
    }
}
