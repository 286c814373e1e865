//! `vast completions`.

use clap::Args;
use clap_complete::Shell;

/// The arguments of `vast completions`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  vast completions bash > ~/.local/share/bash-completion/completions/vast")]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: Shell,
}
