//! `vast nats`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  vast nats init --config gateway.toml
  vast nats init --config gateway.toml --replicas 3 --apply
  vast nats status --nats nats://10.0.0.1:4222
  vast nats status --config gateway.toml

`init` shows the streams that are missing or differ, and changes nothing without --apply. Sizes
that are not given stay as they are. With --config, the address, the prefix and the login are those
of [cluster]. docs/scale-out.md is about several gateways. Exit codes: 1 something differs; 3 the
server cannot be used.";

/// The arguments of `vast nats`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` shows examples.")]
pub(crate) struct NatsArgs {
    #[command(subcommand)]
    pub(crate) action: NatsAction,
    #[command(flatten)]
    pub(crate) server: NatsServerArgs,
}

/// The server, from a file or from arguments.
#[derive(Debug, Args)]
pub(crate) struct NatsServerArgs {
    /// The file of a gateway with the table [cluster].
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// The address of a server, with the user and password if it needs them; may be repeated.
    #[arg(long, value_name = "URL", global = true, conflicts_with = "config")]
    pub(crate) nats: Vec<String>,
    /// The prefix of the streams.
    #[arg(long, value_name = "PREFIX", global = true, conflicts_with = "config", default_value = "vast")]
    pub(crate) prefix: String,
}

/// What to do with the streams.
#[derive(Debug, Subcommand)]
pub(crate) enum NatsAction {
    /// Show which streams are missing or differ; with --apply create and change them.
    Init {
        /// Create and change the streams.
        #[arg(long)]
        apply: bool,
        /// The number of servers that store each message: 1, 3 or 5 [default: as it is; 1 in new streams].
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..=5))]
        replicas: Option<u8>,
        /// The bytes of each stream [default: as it is; 1073741824 in new streams].
        #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(i64).range(1..))]
        max_bytes: Option<i64>,
        /// The rows of the ledger [default: as it is; 1000000 in a new one].
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
        ledger_rows: Option<i64>,
    },
    /// Show how many messages each stream has; with --config also which gateways are there.
    Status,
}
