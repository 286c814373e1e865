//! `vast config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Example:
  vast config check prod.toml

Exit codes: 0 the file is a configuration, warnings included; 2 it is not, and the message names the
key and what would be right. docs/config.md has all keys, docs/schema/config.json a JSON schema.";

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
    /// Check a configuration file and show what it means: sources, limits, arms, and warnings. Nothing is requested.
    Check {
        /// The TOML file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
