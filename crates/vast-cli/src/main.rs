//! The command line tool `vast`: data on stdout, talk on stderr.
//!
//! `args` says what was asked, `job` does it, `render` shows it, [`exit`] is how it ended.

mod args;
mod demo;
mod exit;
mod hint;
mod job;
mod output;
mod problem;
mod render;
mod talk;

use std::process::ExitCode;

use exit::Exit;
use problem::Problem;

fn main() -> ExitCode {
    let ended = args::parse(std::env::args_os()).and_then(job::run);
    ended.unwrap_or_else(report).into()
}

/// Says why a command ended before its work was done; how the program ends.
fn report(problem: Problem) -> Exit {
    match problem {
        Problem::Mistake { exit, message, hint } => {
            talk::mistake(&message, hint.as_deref());
            exit
        }
        Problem::Told(text) => output::print(text.as_bytes()).map_or_else(report, |()| Exit::Done),
        Problem::Interrupted => Exit::Interrupted,
    }
}
