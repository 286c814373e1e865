//! The command line tool `vast`: data on stdout, messages on stderr. It is a library too, so that the Python package can run it.
//!
//! `args` reads the arguments, `commands` runs one command, `render` turns its result into text, `exit` has the exit codes.

mod args;
mod commands;
mod error;
mod exit;
mod flag_names;
mod hints;
mod log;
mod message_queue;
mod render;
mod sanitize;
mod stdio;

use std::ffi::OsString;

use error::CommandError;
use exit::Exit;
use vast_client::FetchResult;
use vast_explain::Story;

/// Runs the command with these arguments, of which the first one is the name of the program. Returns the exit code of the process.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    hide_caught_panics();
    stdio::set_colours_from_environment();
    let exit = args::parse(arguments).and_then(commands::run);
    exit.unwrap_or_else(report).code()
}

/// Why a request got this ad, or none: the text that `vast explain -v` prints.
pub fn explain(result: &FetchResult) -> String {
    render::story_text(&Story::new(result))
}

/// Does not print panics on the threads of the outbox. A damaged file causes them; the outbox catches them and reports
/// an error.
fn hide_caught_panics() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !std::thread::current().name().is_some_and(|name| name.starts_with("outbox")) {
            print(info);
        }
    }));
}

/// Prints the reason why a command ended early, and returns its exit code.
fn report(error: CommandError) -> Exit {
    match error {
        CommandError::Message { exit, message, details, hint } => {
            stdio::error(&message, &details, hint.as_deref());
            exit
        }
        CommandError::Help(text) => stdio::print(text.as_bytes()).map_or_else(report, |()| Exit::Done),
        CommandError::NoCommand(help) => {
            stdio::print_to_stderr(&help);
            Exit::Usage
        }
        CommandError::Signal(signal) => signal.exit(),
    }
}
