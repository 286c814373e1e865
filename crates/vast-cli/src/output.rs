//! Data on stdout.

use std::io::{self, ErrorKind, Write};

use crate::exit::Exit;
use crate::problem::Problem;

/// Writes `data` to stdout at once. A reader that went away has what it wanted.
///
/// # Errors
/// A [`Problem`] when it cannot be written for another reason, such as a full disk.
pub(crate) fn print(data: &[u8]) -> Result<(), Problem> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(data).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Problem::new(Exit::Failed, format!("the output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}
