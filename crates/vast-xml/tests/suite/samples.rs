//! Documents from elsewhere, if the environment names a directory of them.

use crate::read::content;
use std::path::{Path, PathBuf};
use vast_xml::{ParseOptions, parse};

#[test]
fn every_sample_is_read() {
    let files = files();
    if files.is_empty() {
        println!("skipped: samples");
    }
    for file in &files {
        let document = parse(&content(file), &ParseOptions::default());
        let document = document.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let something = !document.vast.ads.is_empty() || !document.vast.errors.is_empty();
        assert!(something, "{}: nothing in it", file.display());
    }
    println!("{} samples", files.len());
}

/// The documents of the directory; none when none is named.
pub(crate) fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    if let Some(directory) = std::env::var_os("VAST_SAMPLES") {
        collect(Path::new(&directory), &mut files);
        assert!(!files.is_empty(), "no samples in {directory:?}");
    }
    files.sort();
    files
}

/// The samples, as far as the environment says where they are.
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
