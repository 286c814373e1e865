//! Errors of the argument parser as one line and a hint.

use clap::error::ErrorKind;

use crate::error::CommandError;
use crate::stdio;

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

/// Takes the first paragraph as the message and a paragraph with `tip:` as the hint. Of the usage text only the command's name is
/// used.
fn usage_error(text: &str) -> CommandError {
    let mut paragraphs = text.split("\n\n").map(one_line);
    let message = paragraphs.next().unwrap_or_default();
    let message = with_advice(message.strip_prefix("error: ").unwrap_or(&message));
    let (mut hint, mut command) = (None, None);
    for paragraph in paragraphs {
        if let Some(tip) = paragraph.strip_prefix("tip: ") {
            // Only negative numbers begin with `-`, and no value may be negative.
            hint = Some(tip.to_owned()).filter(|tip| !tip.starts_with("to pass '-"));
        } else if let Some(usage) = paragraph.strip_prefix("Usage: ") {
            command = Some(command_name(usage));
        }
    }
    CommandError::usage(message).with_hint(hint.or_else(|| Some(help_hint(command.as_deref()))))
}

/// The hint about `--help`. For a wrong value, the parser does not name the command.
fn help_hint(command: Option<&str>) -> String {
    let Some(command) = command else { return "`--help` lists all commands and arguments".to_owned() };
    let what = if command == "vast" { "all commands" } else { "all arguments" };
    format!("`{command} --help` lists {what}")
}

/// `vast check` of `vast check [OPTIONS] <INPUT>...`.
fn command_name(usage: &str) -> String {
    let is_name = |word: &&str| word.starts_with(|first: char| first.is_ascii_alphabetic());
    usage.split(' ').take_while(is_name).collect::<Vec<_>>().join(" ")
}

/// Messages of Rust's parsers, which do not name the accepted values, and our replacements.
const ADVICE: &[(&str, &str)] = &[
    ("invalid digit found in string", "write a whole number"),
    ("cannot parse integer from empty string", "write a whole number"),
    ("number too large to fit in target type", "the number is too large"),
    ("invalid IP address syntax", "write an IP address such as 203.0.113.7 or 2001:db8::7"),
];

/// The message with the accepted values at its end.
fn with_advice(message: &str) -> String {
    if let Some((start, reason)) = message.rsplit_once(": ") {
        if let Some((_, advice)) = ADVICE.iter().find(|(known, _)| *known == reason) {
            return format!("{start}: {advice}");
        }
        if let Some((least, most)) = reason.split_once(" is not in ").and_then(|(_, range)| range.split_once("..=")) {
            return format!("{start}: write a whole number from {least} to {most}");
        }
    }
    message.to_owned()
}

fn one_line(paragraph: &str) -> String {
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}
