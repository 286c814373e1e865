//! `vast diff`.

use std::time::Duration;

use clap::Args;

use super::output::ListFormat;
use super::source::{NetworkArgs, SourceArgument};
use super::value;

const EXAMPLES: &str = "\
Examples:
  vast diff yesterday.xml today.xml
  vast diff yesterday.xml https://ads.example/vast
  vast diff yesterday.vastrec today.vastrec
  vast diff a.xml b.xml --format json | jq '.differences[] | select(.part == \"tracker\")'

Compares ads, media, trackers, clicks and verifications, of a playlist also its breaks. Of two files
that `vast request --record` wrote, it compares the answers, with the trackers of wrappers, and also
which source won and how each source ended; nothing is requested then. The order of ads and of URLs
does not count. Values that change with each request are left out of URLs, ids and texts: those of
parameters such as cb, ord, correlator, session or token, times since 1970, UUIDs, and letters with
digits from 16 characters on. Other numbers count, such as the number of a campaign. --exact
compares everything as it is. Wrappers in documents are not followed; extensions and unknown
elements are not compared. The exit code is 0 if nothing differs, and 1 if something does.";

/// The arguments of `vast diff`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` shows examples.")]
pub(crate) struct DiffArgs {
    /// The first document: a URL, a path, or `-` for standard input; or a file of `vast request --record`.
    #[arg(value_name = "A", value_parser = SourceArgument::parse)]
    pub(crate) a: SourceArgument,
    /// The second document or recording.
    #[arg(value_name = "B", value_parser = SourceArgument::parse)]
    pub(crate) b: SourceArgument,
    /// Also compare the values that change with each request.
    #[arg(long)]
    pub(crate) exact: bool,
    /// Of a file A with several recordings, the request with this id.
    #[arg(long, value_name = "ID")]
    pub(crate) request_a: Option<String>,
    /// Of a file B with several recordings, the request with this id.
    #[arg(long, value_name = "ID")]
    pub(crate) request_b: Option<String>,
    /// How long fetching a URL may take, with unit [default: 3s].
    #[arg(long, value_name = "TIME", value_parser = value::duration, help_heading = "Network")]
    pub(crate) timeout: Option<Duration>,
    /// Send a header with the request; may be repeated.
    #[arg(long = "header", value_name = "'NAME: VALUE'", value_parser = value::header, help_heading = "Network")]
    pub(crate) headers: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// The output format.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ListFormat::Human, help_heading = "Output")]
    pub(crate) format: ListFormat,
}
