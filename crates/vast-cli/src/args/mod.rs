//! What was asked: one file per command. Reading arguments has no side effects.

mod check;
mod choice;
mod completions;
mod consent;
mod device;
mod filter;
mod mock;
mod network;
mod outbox;
mod output;
mod parse;
mod refusal;
mod request;
mod slot;
mod source;
mod strategy;
mod track;
mod tracking;
mod value;
mod xml;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

pub(crate) use check::{CheckArgs, CheckFormat};
pub(crate) use completions::CompletionsArgs;
pub(crate) use mock::MockArgs;
pub(crate) use network::NetworkArgs;
pub(crate) use outbox::{LedgerFormat, OutboxAction, OutboxArgs};
pub(crate) use output::{Format, OutputArgs};
pub(crate) use parse::ParseArgs;
pub(crate) use request::RequestArgs;
pub(crate) use source::{SourceArgument, SourcePlace};
pub(crate) use track::TrackArgs;
pub(crate) use xml::XmlArgs;

use crate::problem::Problem;

/// Ask ad servers for a VAST ad, look at documents, run scripted ad servers.
#[derive(Debug, Parser)]
#[command(name = "vast", version, max_term_width = 100, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Data goes to stdout, talk to stderr. Exit codes:
  0    done; `request` has a usable ad
  1    every source was asked and has no ad, or none that will do; `check` found errors; `track`: the ad has no such event
  2    wrong usage or configuration: nothing was requested
  3    no usable ad, and a source failed or was not asked; an input could not be fetched
  4    the input of `parse` or `check` is neither VAST nor VMAP, that of `track` is not VAST, or it breaks a limit
  130  interrupted";

/// A command with its arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask one or many sources for an ad.
    Request(Box<RequestArgs>),
    /// Show what is in one document.
    Parse(ParseArgs),
    /// Find what is wrong in one document.
    Check(CheckArgs),
    /// Show the tracker URLs of an ad at an event, and call them if you say so.
    Track(Box<TrackArgs>),
    /// Run scripted ad servers on this machine.
    Mock(MockArgs),
    /// See what became of beacons that were put into an outbox.
    Outbox(OutboxArgs),
    /// See every mode, fallback and filter against mock ad servers on this machine.
    Demo,
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
}

/// Reads the arguments, the program's name first.
///
/// # Errors
/// A [`Problem`] that names the argument and what would be right, or the help that was asked for.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Problem> {
    Arguments::try_parse_from(arguments).map(|arguments| arguments.command).map_err(|error| refusal::problem(&error))
}

/// The whole command line, for completion scripts.
pub(crate) fn definition() -> clap::Command {
    <Arguments as clap::CommandFactory>::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_holds_together() {
        definition().debug_assert();
    }
}
