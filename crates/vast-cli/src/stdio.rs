//! The standard streams: results to stdout, messages to stderr, and whether stdout has colours.

use std::io::{self, ErrorKind, Write};

use crate::error::CommandError;
use crate::exit::Exit;
use crate::sanitize::{redact, sanitize};

/// Writes `data` to stdout and flushes it. A closed pipe is not an error: the reader needs no more data.
///
/// # Errors
/// A [`CommandError`] when the data cannot be written for another reason, such as a full disk.
pub(crate) fn print(data: &[u8]) -> Result<(), CommandError> {
    write(data).map(drop)
}

/// Whether a program reads stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// It reads, or it is not known yet that it has ended.
    Reads,
    /// It has closed its end of the pipe and needs no more data.
    Gone,
}

/// [`print()`] for output of several pieces: says whether the next one is still read.
///
/// # Errors
/// See [`print()`].
pub(crate) fn write(data: &[u8]) -> Result<Reader, CommandError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(data).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(Reader::Reads),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(CommandError::new(Exit::Failed, format!("the output cannot be written: {error}"))),
    }
}

/// Writes one line to stderr. Characters that a terminal would interpret are escaped. Passwords and queries of URLs are left out, because
/// stderr often ends up in logs.
pub(crate) fn message(text: &str) {
    // If stderr is closed, the error cannot be reported, so it is ignored.
    drop(writeln!(io::stderr().lock(), "{}", sanitize(&redact(text))));
}

/// Writes an error message and its details to stderr, then the hint below an empty line.
pub(crate) fn error(text: &str, details: &[String], hint: Option<&str>) {
    message(&format!("error: {text}"));
    details.iter().for_each(|line| message(line));
    if let Some(hint) = hint {
        message("");
        message(&format!("hint: {hint}"));
    }
}

/// Writes text of our own, such as help, to stderr.
pub(crate) fn print_to_stderr(text: &str) {
    drop(io::stderr().lock().write_all(text.as_bytes()));
}

/// The use of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    /// Colours are always used.
    Always,
    /// Colours are used on a terminal, unless the environment variables forbid it.
    Auto,
    /// Colours are never used.
    Never,
}

/// Applies `NO_COLOR` and `FORCE_COLOR`. `FORCE_COLOR=0` means no colours. The argument `--color` overrides them.
pub(crate) fn set_colours_from_environment() {
    let is_set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    let is_off = std::env::var("FORCE_COLOR").is_ok_and(|value| value == "0");
    if is_set("NO_COLOR") || is_off {
        set_colours(ColorChoice::Never);
    } else if is_set("FORCE_COLOR") {
        set_colours(ColorChoice::Always);
    }
}

/// Applies `--color`.
pub(crate) fn set_colours(choice: ColorChoice) {
    match choice {
        ColorChoice::Always => anstream::ColorChoice::Always.write_global(),
        ColorChoice::Never => anstream::ColorChoice::Never.write_global(),
        ColorChoice::Auto => {}
    }
}

/// Whether stdout has colours.
pub(crate) fn has_colours() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}
