//! `vast man`: the manual pages, from the definition of the command line.

use std::path::Path;

use crate::args;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::stdio;

/// Writes all pages into a folder, which is created if it does not exist, or prints that of `vast`.
///
/// # Errors
/// A [`CommandError`]: the pages cannot be written.
pub(super) fn run(dir: Option<&Path>) -> Result<Exit, CommandError> {
    let definition = args::definition();
    let Some(dir) = dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(definition)
            .render(&mut page)
            .map_err(|error| CommandError::new(Exit::Failed, error.to_string()))?;
        stdio::print(&page)?;
        return Ok(Exit::Done);
    };
    if dir.exists() && !dir.is_dir() {
        return Err(CommandError::usage(format!("--dir: `{}` is not a folder", dir.display())));
    }
    std::fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(definition, dir))
        .map_err(|error| CommandError::new(Exit::Failed, format!("--dir: `{}`: {error}", dir.display())))?;
    Ok(Exit::Done)
}
