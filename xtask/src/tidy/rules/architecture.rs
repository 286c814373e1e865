//! ARCHITECTURE.md may only name what exists.
//!
//! The check reads text in backticks: files and folders (`crates/vast-xml/src/parse/mod.rs`, `fetch/`, `lane.rs`), relative
//! to the root or to any crate, and paths of our crates (`vast_client::fetch::Fetcher`). Fenced blocks are ignored.

use std::io;

use crate::finding::{Finding, Rule};
use crate::modules::tree::Tree;
use crate::repository::Repository;

const DOCUMENT: &str = "ARCHITECTURE.md";

/// One finding per name in the document that does not exist; none if there is no document.
///
/// # Errors
/// If the document cannot be read.
pub fn check(repository: &Repository, trees: &[Tree]) -> io::Result<Vec<Finding>> {
    if !repository.has(DOCUMENT) {
        return Ok(Vec::new());
    }
    let text = repository.text(DOCUMENT)?.unwrap_or_default();
    let missing = quoted(&text).into_iter().filter(|(_, name)| !exists(repository, trees, name));
    let finding = |(line, name)| Finding::line(DOCUMENT, line, Rule::Architecture, format!("`{name}` does not exist"));
    Ok(missing.map(finding).collect())
}

/// The texts in backticks outside of fenced blocks, with their lines.
fn quoted(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            found.extend(line.split('`').skip(1).step_by(2).map(|name| (index + 1, name)));
        }
    }
    found
}

/// Whether the name exists, or is not the name of a file or module.
fn exists(repository: &Repository, trees: &[Tree], name: &str) -> bool {
    if name.contains(|other: char| other.is_whitespace() || "*<{$=".contains(other)) {
        return true;
    }
    if let Some(path) = our_path(trees, name) {
        return trees.iter().filter(|tree| tree.name == path[0]).any(|tree| tree.names(&path[1..]));
    }
    !is_file_name(name) || is_file(repository, name)
}

/// The names of a path that begins with one of our crates.
fn our_path(trees: &[Tree], name: &str) -> Option<Vec<String>> {
    let end = name.find(['(', '!']).unwrap_or(name.len());
    let path: Vec<String> = name[..end].split("::").map(str::to_owned).collect();
    (path.len() > 1 && trees.iter().any(|tree| tree.name == path[0])).then_some(path)
}

fn is_file_name(name: &str) -> bool {
    let relative = !name.starts_with('/') && !name.contains("://");
    let sounds_like_one = name.ends_with(".rs") || name.ends_with('/') || name.starts_with("crates/");
    relative && sounds_like_one && name.starts_with(|first: char| first.is_alphanumeric() || first == '.')
}

/// Whether the file exists, relative to the root or to a crate, with or without `src/`.
fn is_file(repository: &Repository, name: &str) -> bool {
    let inside = repository.crates.iter().flat_map(|unit| [unit.folder.clone(), format!("{}/src", unit.folder)]);
    repository.has(name) || inside.into_iter().any(|folder| repository.has(&format!("{folder}/{name}")))
}
