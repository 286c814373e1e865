//! `vast config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  vast config check prod.toml
  vast config check gateway.toml

A file with one of the tables [server], [tenant.NAME] and [placement.NAME] is checked as the file of
a gateway (`vast serve --config`). Exit codes: 0 the file is a configuration, warnings included; 2
it is not, and the message names the key and what would be right. docs/config.md and
docs/gateway-config.md have all keys, docs/schema/config.json and gateway.json are JSON schemas.";

/// The arguments of `vast config`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) action: ConfigAction,
}

/// What to do with a configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Check a configuration file and show what it means: sources, limits, arms, and warnings; of a gateway its addresses, tenants and
    /// placements. Nothing is requested.
    Check {
        /// The TOML file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
