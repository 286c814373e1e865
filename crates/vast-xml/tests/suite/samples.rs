//! Tests with two sets of documents: `fixtures/samples`, which are like the samples of the IAB, and the directory that
//! `VAST_SAMPLES` names.

use crate::read::content;
use std::path::{Path, PathBuf};
use vast_xml::{ParseOptions, parse};

#[test]
fn every_sample_is_read() {
    let files = files();
    for file in &files {
        let document = parse(&content(file), &ParseOptions::default());
        let document = document.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let something = !document.vast.ads.is_empty() || !document.vast.errors.is_empty();
        assert!(something, "{}: nothing in it", file.display());
    }
    println!("{} samples", files.len());
}

/// The documents of both directories.
pub(crate) fn files() -> Vec<PathBuf> {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/samples");
    let mut files = Vec::new();
    for directory in std::iter::once(ours).chain(std::env::var_os("VAST_SAMPLES").map(PathBuf::from)) {
        let before = files.len();
        collect(&directory, &mut files);
        assert!(files.len() - before >= 40, "only {} samples in {}", files.len() - before, directory.display());
    }
    files.sort();
    files
}

/// The samples with the names of their files.
pub(crate) fn contents() -> Vec<(String, Vec<u8>)> {
    files().iter().map(|file| (file.display().to_string(), content(file))).collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a readable directory") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            files.push(path);
        }
    }
}
