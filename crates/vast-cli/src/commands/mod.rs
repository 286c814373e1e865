//! Running a command: one file per command, and the code that several commands need.

mod check;
mod config;
mod configuration;
mod delivery;
mod demo;
mod diff;
mod explain;
mod input;
mod man;
mod mock;
#[cfg(feature = "nats")]
mod nats;
mod outbox;
mod output_file;
mod parse;
mod progress;
mod record;
mod recording;
mod repeat;
mod replay;
mod request;
mod runtime;
#[cfg(feature = "serve")]
mod serve;
mod stdin;
mod track;
mod wrappers;

use clap_complete::Shell;

use crate::args::{self, CliCommand, CommandLine, LogLevel};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::log::{self, RequestLine};
use crate::stdio;

/// Runs a command.
///
/// # Errors
/// A [`CommandError`] when it cannot be completed.
pub(crate) fn run(line: CommandLine) -> Result<Exit, CommandError> {
    stdio::set_colours(line.color);
    #[cfg(feature = "serve")]
    let line = serve::with_exported_log(line);
    let (kind, exported) = match &line.command {
        CliCommand::Serve(arguments) => (RequestLine::OfGateway, arguments.exported.clone()),
        _ => (RequestLine::OfClient, None),
    };
    let default = match &line.command {
        #[cfg(feature = "serve")]
        CliCommand::Serve(arguments) => serve::default_log(arguments),
        _ => LogLevel::Off,
    };
    let log = log::start(&line.log, default, kind, exported);
    let exit = run_command(line.command);
    if let Some(log) = log {
        log.finish();
    }
    exit
}

fn run_command(command: CliCommand) -> Result<Exit, CommandError> {
    match command {
        CliCommand::Request(arguments) => request::run(&arguments),
        CliCommand::Explain(arguments) => explain::run(&arguments),
        CliCommand::Parse(arguments) => parse::run(&arguments),
        CliCommand::Check(arguments) => check::run(&arguments),
        CliCommand::Diff(arguments) => diff::run(&arguments),
        CliCommand::Track(arguments) => track::run(&arguments),
        CliCommand::Replay(arguments) => replay::run(&arguments),
        #[cfg(feature = "serve")]
        CliCommand::Serve(arguments) => serve::run(arguments),
        #[cfg(not(feature = "serve"))]
        CliCommand::Serve(_) => Err(CommandError::no_gateway()),
        CliCommand::Mock(arguments) => mock::run(&arguments),
        CliCommand::Outbox(arguments) => outbox::run(&arguments),
        #[cfg(feature = "nats")]
        CliCommand::Nats(arguments) => nats::run(&arguments),
        #[cfg(not(feature = "nats"))]
        CliCommand::Nats(_) => Err(CommandError::no_nats()),
        CliCommand::Config(arguments) => config::run(&arguments),
        CliCommand::Demo => demo::run(),
        CliCommand::Completions { shell } => print_completions(shell),
        CliCommand::Man { dir } => man::run(dir.as_deref()),
    }
}

fn print_completions(shell: Shell) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::definition(), "vast", &mut script);
    stdio::print(&script)?;
    Ok(Exit::Done)
}
