//! What is done: one file per command.

mod check;
mod completions;
mod configure;
mod demo;
mod input;
mod interrupt;
mod mock;
mod outbox;
mod parse;
mod progress;
mod request;
mod runtime;
mod stdin;
mod track;

use crate::args::Command;
use crate::exit::Exit;
use crate::problem::Problem;

/// Does what was asked.
///
/// # Errors
/// A [`Problem`] when it could not be done.
pub(crate) fn run(command: Command) -> Result<Exit, Problem> {
    match command {
        Command::Request(arguments) => request::run(&arguments),
        Command::Parse(arguments) => parse::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Track(arguments) => track::run(&arguments),
        Command::Mock(arguments) => mock::run(&arguments),
        Command::Outbox(arguments) => outbox::run(&arguments),
        Command::Demo => demo::run(),
        Command::Completions(arguments) => completions::run(&arguments),
    }
}
