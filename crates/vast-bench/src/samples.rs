//! Sample documents in the folder that `VAST_SAMPLES` names.

use std::path::{Path, PathBuf};

use crate::effort::Failure;

/// The XML files in the folder that `VAST_SAMPLES` names and in its subfolders, sorted. Empty if the variable is not set.
pub(crate) fn find() -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    if let Some(folder) = std::env::var_os("VAST_SAMPLES") {
        add(Path::new(&folder), &mut files)?;
        files.sort();
    }
    Ok(files)
}

fn add(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            add(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml")) {
            files.push(path);
        }
    }
    Ok(())
}
