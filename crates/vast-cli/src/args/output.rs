//! In what form results are shown.

use clap::{Args, ValueEnum};

/// In what form results are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// For programs: the schemas are in docs/schema.
    Json,
    /// A VAST document; of a playlist a VMAP.
    Xml,
}

/// In what form results are shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// In what form the result is shown.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// List what is only counted otherwise: warnings, judged ads, tracker URLs.
    #[arg(long, short)]
    pub(crate) verbose: bool,
}
