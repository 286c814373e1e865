//! The command line: a file per command, and the groups of arguments that several commands share. Reading it has no side effects.

mod ask;
mod check;
mod clap_error;
mod conditions;
mod config;
mod consent;
mod device;
mod diff;
mod explain;
mod limits;
mod log;
mod mock;
mod nats;
mod outbox;
mod output;
mod parse;
mod record;
mod repeat;
mod replay;
mod request;
mod serve;
mod source;
mod strategy;
mod track;
mod tracking;
mod value;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use ask::AskArgs;
pub(crate) use check::{CheckArgs, CheckFormat};
pub(crate) use config::{ConfigAction, ConfigArgs};
pub(crate) use diff::DiffArgs;
pub(crate) use explain::{ExplainArgs, ExplainFormat};
pub(crate) use log::{ExportedLog, LogArgs, LogFormat, LogLevel};
pub(crate) use mock::MockArgs;
pub(crate) use nats::NatsArgs;
#[cfg(feature = "nats")]
pub(crate) use nats::{NatsAction, NatsServerArgs};
pub(crate) use outbox::{OutboxAction, OutboxArgs};
pub(crate) use output::{Format, ListFormat, ListOutputArgs, OutputArgs, XmlArgs};
pub(crate) use parse::ParseArgs;
pub(crate) use record::{RecordArgs, RecordPath};
pub(crate) use repeat::Repetition;
pub(crate) use replay::ReplayArgs;
pub(crate) use request::RequestArgs;
pub(crate) use serve::ServeArgs;
pub(crate) use source::{NetworkArgs, SourceArgument, SourceLocation};
pub(crate) use track::TrackArgs;

use crate::error::CommandError;
use crate::exit;
use crate::stdio::ColorChoice;

/// Request VAST ads, inspect and check VAST documents, and run mock ad servers.
#[derive(Debug, Parser)]
#[command(name = "vast", version, max_term_width = 100, disable_help_subcommand = true, after_help = exit::HELP)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: CliCommand,
    /// When to use colours: always, auto or never. auto means on a terminal; NO_COLOR and FORCE_COLOR override that (FORCE_COLOR=0 means never).
    #[arg(long, value_name = "WHEN", value_enum, global = true, hide_possible_values = true, default_value_t = ColorChoice::Auto, help_heading = "Output")]
    pub(crate) color: ColorChoice,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// A command with its arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum CliCommand {
    /// Request an ad from one or more sources.
    Request(Box<RequestArgs>),
    /// Show why a request gets an ad, or none.
    Explain(Box<ExplainArgs>),
    /// Show the content of one document.
    Parse(ParseArgs),
    /// Find the mistakes in documents.
    Check(CheckArgs),
    /// Show what differs between two documents or two recorded answers.
    Diff(DiffArgs),
    /// Show the tracker URLs of an ad for an event; with --fire also call them.
    Track(Box<TrackArgs>),
    /// Run recorded requests again, offline, or with other settings.
    Replay(Box<ReplayArgs>),
    /// Run a gateway: one ad tag in, many ad servers behind it, one resolved document out.
    Serve(ServeArgs),
    /// Run scripted ad servers on this machine.
    Mock(MockArgs),
    /// Inspect and retry the beacons in an outbox.
    Outbox(OutboxArgs),
    /// Set up and show the NATS streams that several gateways share.
    Nats(NatsArgs),
    /// Check a configuration file and show what it means.
    Config(ConfigArgs),
    /// Show modes, fallbacks and filters with mock ad servers on this machine.
    Demo,
    /// Print a completion script for a shell.
    #[command(after_help = "Example:\n  vast completions bash > ~/.local/share/bash-completion/completions/vast")]
    Completions {
        /// The shell.
        #[arg(value_name = "SHELL", value_enum)]
        shell: Shell,
    },
    /// Print the manual page, or write the pages of all commands.
    #[command(after_help = "Example:\n  vast man --dir ~/.local/share/man/man1")]
    Man {
        /// Write the pages of all commands into this folder: vast.1, vast-request.1, ...
        #[arg(long, value_name = "FOLDER")]
        dir: Option<PathBuf>,
    },
}

/// Reads the arguments, the program's name first.
///
/// # Errors
/// A [`CommandError`] that names the argument and the accepted values, or the help that was requested.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<CommandLine, CommandError> {
    let mut definition = definition();
    let matches = definition.try_get_matches_from_mut(arguments);
    let line = matches.and_then(|matches| CommandLine::from_arg_matches(&matches));
    line.map_err(|error| clap_error::command_error(&error.format(&mut definition)))
}

/// The whole command line. A negative number is read as a value, so that its error message names the accepted values.
pub(crate) fn definition() -> clap::Command {
    let reads_value = |argument: &clap::Arg| !argument.is_positional() && argument.get_action().takes_values();
    CommandLine::command().mut_subcommands(|command| {
        command.mut_args(|argument| {
            let reads_value = reads_value(&argument);
            argument.allow_negative_numbers(reads_value)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The terminal would break longer lines in the middle of an example.
    #[test]
    fn the_texts_below_the_help_fit_into_100_columns() {
        let definition = definition();
        for command in std::iter::once(&definition).chain(definition.get_subcommands()) {
            let texts = [command.get_after_help(), command.get_after_long_help()];
            for line in texts
                .into_iter()
                .flatten()
                .flat_map(|text| text.to_string().lines().map(str::to_owned).collect::<Vec<_>>())
            {
                assert!(line.chars().count() <= 100, "{}: {line}", command.get_name());
            }
        }
    }

    #[test]
    fn the_definition_is_consistent() {
        definition().debug_assert();
    }
}
