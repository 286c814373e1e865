//! A Rust file that is too long holds more than one thing.

use std::io;

use crate::finding::{Finding, Rule};
use crate::repository::Repository;

/// The most lines a Rust file may have, tests included.
pub const MAX_LINES: usize = 500;

/// One finding per Rust file of more than [`MAX_LINES`] lines.
///
/// # Errors
/// When a file cannot be read.
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
