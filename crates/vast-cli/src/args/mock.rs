//! `vast mock`.

use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  vast mock scenarios/race.toml
  vast mock --dir fixtures --port 8080

Prints the name and URL of every server, then one line per request on stderr. Ctrl-C or SIGTERM
ends it.";

/// The arguments of `vast mock`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` shows an example.")]
pub(crate) struct MockArgs {
    /// The servers to run: a TOML file with `[[server]]` tables.
    #[arg(value_name = "SCENARIO", required_unless_present = "dir", conflicts_with = "dir")]
    pub(crate) scenario: Option<PathBuf>,
    /// Serve the files of this folder instead of a scenario, as they are at each request.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) dir: Option<PathBuf>,
    /// Listen on this port of 127.0.0.1 [default: any free one].
    #[arg(long, value_name = "NUMBER", requires = "dir", conflicts_with = "scenario")]
    pub(crate) port: Option<u16>,
}
