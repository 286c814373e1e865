//! `vast serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::log::ExportedLog;
use super::source::SourceArgument;

/// An address of `--listen`. Without the gateway it is not read.
#[cfg(feature = "serve")]
type ListenArgument = vast_gateway::config::ListenAddress;
#[cfg(not(feature = "serve"))]
type ListenArgument = String;

const EXAMPLES: &str = "\
Examples:
  vast serve https://east.example/vast https://west.example/vast
  vast serve --config gateway.toml
  vast serve --demo

Prints the ad tag of each placement and the address of the admin port. Without a file there is one
placement, `default`, which is open to everybody on this machine. A file is read again when it
changes, and at SIGHUP. Ctrl-C or SIGTERM ends in order, a second one at once. The log has warnings
(`--log warn`); `--log info` writes a line for each request too.
docs/gateway.md has the routes and the parameters of a tag, docs/gateway-config.md each key of the
file; docs/beacons.md is about trackers that the gateway calls.";

/// The arguments of `vast serve`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, after_help = "`--help` shows examples.")]
pub(crate) struct ServeArgs {
    /// The sources of the placement `default`, best first: URLs or paths, each with or without NAME= before it.
    #[arg(value_name = "SOURCE", value_parser = SourceArgument::parse)]
    pub(crate) sources: Vec<SourceArgument>,
    /// Read tenants and placements from this TOML file.
    #[arg(long, value_name = "FILE", conflicts_with = "sources")]
    pub(crate) config: Option<PathBuf>,
    /// Answer with mock ad servers on this machine, and send requests to the gateway.
    #[arg(long, conflicts_with_all = ["sources", "config"])]
    pub(crate) demo: bool,
    /// Print a new random secret for `[[secret]]`, and end.
    #[arg(long, exclusive = true)]
    pub(crate) new_secret: bool,
    /// Listen on this address, or on the socket unix:PATH; may be repeated [default: `listen` of the file, or 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Vec<ListenArgument>,
    /// Answer health checks, metrics, the state and the dashboard on this address [default: `admin` of the file, or 127.0.0.1:9090].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) admin: Option<SocketAddr>,
    /// The log for the collector of the file; `None` without a collector.
    #[arg(skip)]
    pub(crate) exported: Option<ExportedLog>,
}
