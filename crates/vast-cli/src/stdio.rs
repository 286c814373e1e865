//! Writing to the standard streams: results to stdout, messages to stderr.

use std::io::{self, ErrorKind, Write};

use crate::error::CommandError;
use crate::exit::Exit;
use crate::sanitize::sanitize;

/// Writes `data` to stdout and flushes it. A closed pipe is not an error: the reader needs no more data.
///
/// # Errors
/// A [`CommandError`] when the data cannot be written for another reason, such as a full disk.
pub(crate) fn print(data: &[u8]) -> Result<(), CommandError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(data).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CommandError::new(Exit::Failed, format!("the output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes one line to stderr. Characters that a terminal would interpret are escaped.
pub(crate) fn message(text: &str) {
    // When stderr is closed there is no place left to report that to.
    drop(writeln!(io::stderr().lock(), "{}", sanitize(text)));
}

/// Writes an error message to stderr, then the hint below an empty line.
pub(crate) fn error(text: &str, hint: Option<&str>) {
    message(&format!("error: {text}"));
    if let Some(hint) = hint {
        message("");
        message(&format!("hint: {hint}"));
    }
}
