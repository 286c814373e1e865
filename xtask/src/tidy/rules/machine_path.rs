//! A file with a path of one machine works on that machine only.

use std::io;

use crate::finding::{Finding, Rule};
use crate::repository::Repository;

/// Top folders with users' files.
const FOLDERS: [&str; 3] = ["work", "home", "root"];

/// One finding per line that names a path below one of those folders.
///
/// # Errors
/// If a file cannot be read.
pub fn check(repository: &Repository) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in &repository.files {
        let text = repository.text(file)?.unwrap_or_default();
        for (index, line) in text.lines().enumerate() {
            if let Some(folder) = FOLDERS.into_iter().find(|folder| names_folder(line, folder)) {
                let message = format!("names a path below `/{folder}` of one machine");
                findings.push(Finding::line(file, index + 1, Rule::MachinePath, message));
            }
        }
    }
    Ok(findings)
}

/// Whether the line contains `/folder/name` as the start of a path, not inside a URL or a longer path.
fn names_folder(line: &str, folder: &str) -> bool {
    let path = format!("/{folder}/");
    line.match_indices(&path).any(|(start, _)| {
        let begins = !line[..start].ends_with(|before: char| before.is_alphanumeric() || "./]})>_-$~".contains(before));
        let continues =
            line[start + path.len()..].starts_with(|after: char| after.is_alphanumeric() || "._".contains(after));
        begins && continues
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, folder: &str, expected: bool) {
        assert_eq!(names_folder(&line.replace('@', folder), folder), expected, "{line}");
    }

    #[test]
    fn distinguishes_machine_paths_from_urls_and_relative_paths() {
        for folder in FOLDERS {
            check("include!(\"/@/me/x.rs\")", folder, true);
            check("see /@/me", folder, true);
            check("https://ads.example/@/vast", folder, false);
            check("../@/me", folder, false);
            check("${HOME}/@/me", folder, false);
            check("GET /@/ HTTP/1.1", folder, false);
        }
    }
}
