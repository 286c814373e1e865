//! Errors of the argument parser as one line and a hint.

use clap::error::ErrorKind;

use crate::error::CommandError;
use crate::stdio;

/// The hint of an error without a better one.
const HELP: &str = "`--help` lists all commands and arguments";

/// The error for arguments that could not be read.
pub(super) fn command_error(error: &clap::Error) -> CommandError {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => CommandError::Help(help_text(error)),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => CommandError::NoCommand(help_text(error)),
        _ => usage_error(&error.render().to_string()),
    }
}

/// The help text, with colours when stdout supports them.
fn help_text(error: &clap::Error) -> String {
    let rendered = error.render();
    if stdio::has_colours() { rendered.ansi().to_string() } else { rendered.to_string() }
}

/// Takes the first paragraph as the message and a paragraph with `tip:` as the hint. The usage text is left out.
fn usage_error(text: &str) -> CommandError {
    let mut paragraphs = text.split("\n\n").map(one_line);
    let message = paragraphs.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
    let tip = paragraphs.find_map(|paragraph| paragraph.strip_prefix("tip: ").map(str::to_owned));
    CommandError::usage(message).with_hint(tip.or_else(|| Some(HELP.to_owned())))
}

fn one_line(paragraph: &str) -> String {
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}
