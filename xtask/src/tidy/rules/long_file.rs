//! A Rust file that is too long contains more than one topic.

use std::io;

use crate::finding::{Finding, Rule};
use crate::repository::Repository;

/// How many lines a Rust file may have, including tests.
pub const MAX_LINES: usize = 500;

/// One finding per Rust file of more than [`MAX_LINES`] lines.
///
/// # Errors
/// If a file cannot be read.
pub fn check(repository: &Repository) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in repository.rust_files() {
        let lines = repository.text(file)?.map_or(0, |text| text.lines().count());
        if lines > MAX_LINES {
            findings.push(Finding::file(file, Rule::LongFile, format!("{lines} lines, at most {MAX_LINES}")));
        }
    }
    Ok(findings)
}
