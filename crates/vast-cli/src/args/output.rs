//! The output format, and the changes to a document before it is written.

use clap::{Args, ValueEnum};
use vast_xml::model::Event;
use vast_xml::{Injection, Version};

use super::value;
use crate::error::CommandError;

/// The output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text for people.
    Human,
    /// JSON for programs; the schemas are in docs/schema.
    Json,
    /// A VAST document, or a VMAP document for a playlist.
    Xml,
}

/// How the result is printed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// The output format.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Show everything: warnings and tracker URLs, and of a request also its documents, errors and rejected ads.
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// The output format of a list of beacons or trackers. A list is no document, so it has no XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// Text for people.
    Human,
    /// JSON for programs.
    Json,
}

/// How a list is printed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct ListOutputArgs {
    /// The output format.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
    /// Show everything: also warnings, documents, errors and rejected ads of the request.
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// Changes to a document before it is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "With --format xml")]
pub(crate) struct XmlArgs {
    /// Convert the document to this version: 2.0, 3.0, 4.0, 4.1, 4.2 or 4.3 [default: no conversion].
    #[arg(long, value_name = "VERSION", value_parser = value::version)]
    pub(crate) to_version: Option<Version>,
    /// Add this impression URL to every ad; may be repeated. Macros in it are left for the player.
    #[arg(long, value_name = "URL", value_parser = value::tracker)]
    inject_impression: Vec<String>,
    /// Add a tracker to every linear creative, such as start=https://...; may be repeated.
    #[arg(long, value_name = "EVENT=URL", value_parser = value::event_tracker)]
    inject_tracking: Vec<(Event, String)>,
}

impl XmlArgs {
    /// The trackers to add.
    pub(crate) fn injection(&self) -> Injection {
        let impressions = self.inject_impression.iter();
        let injection = impressions.fold(Injection::default(), |injection, url| injection.impression(url.as_str()));
        let trackers = self.inject_tracking.iter();
        trackers.fold(injection, |injection, (event, url)| injection.tracking(event.clone(), url.as_str()))
    }

    /// Refuses these arguments with another format than XML, where they have no effect.
    ///
    /// # Errors
    /// A [`CommandError`] that names the argument.
    pub(crate) fn check(&self, output: &OutputArgs) -> Result<(), CommandError> {
        let given = [
            (self.to_version.is_some(), "--to-version"),
            (!self.inject_impression.is_empty(), "--inject-impression"),
            (!self.inject_tracking.is_empty(), "--inject-tracking"),
        ];
        match given.into_iter().find(|(is_given, _)| *is_given && output.format != Format::Xml) {
            Some((_, flag)) => Err(CommandError::usage(format!("{flag}: needs --format xml"))),
            None => Ok(()),
        }
    }
}
