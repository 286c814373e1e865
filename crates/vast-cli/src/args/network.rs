//! Whom to trust.

use std::path::PathBuf;

use clap::Args;

/// Whom to trust.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    /// Trust the certificate authorities in this file (PEM) too.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Accept any certificate. For a test server only: whoever stands between reads and changes everything.
    #[arg(long)]
    pub(crate) insecure: bool,
}
