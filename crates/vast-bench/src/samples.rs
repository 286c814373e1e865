//! Sample documents: those of the folder that `VAST_SAMPLES` names, otherwise ours.

use std::path::{Path, PathBuf};

use crate::effort::Failure;

/// The XML files in the folder that `VAST_SAMPLES` names, or in `fixtures/samples` of the repository, and in its subfolders, sorted.
pub(crate) fn find() -> Result<Vec<PathBuf>, Failure> {
    let ours = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/samples");
    let mut files = Vec::new();
    add(&std::env::var_os("VAST_SAMPLES").map_or_else(ours, PathBuf::from), &mut files)?;
    files.sort();
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
