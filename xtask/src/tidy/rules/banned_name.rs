//! Names that do not say what a module does attract code without a proper place.

use crate::finding::{Finding, Rule};
use crate::modules::tree::Tree;
use crate::repository::Repository;

/// Names that no crate, folder, file or module may have.
const BANNED: [&str; 9] = ["util", "utils", "helper", "helpers", "common", "misc", "shared", "core", "types"];

/// A module whose name programs of another system import.
const KEPT: &str = "python/vast_client/types.py";

/// One finding per crate, folder, file or inline module with such a name.
pub fn check(repository: &Repository, trees: &[Tree]) -> Vec<Finding> {
    let paths = repository.files.iter().chain(&repository.folders);
    let paths =
        paths.filter(|path| is_banned(stem(path)) && path.as_str() != KEPT).map(|path| finding(path, stem(path)));
    let crates = repository.crates.iter().filter(|unit| is_banned(&unit.name));
    let crates = crates.map(|unit| finding(&format!("{}/Cargo.toml", unit.folder), &unit.name));
    paths.chain(crates).chain(trees.iter().flat_map(inline_modules)).collect()
}

/// Modules without a separate file.
fn inline_modules(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for module in &tree.modules {
        let (Some(name), Some(parent)) = (module.path.last(), module.parent) else { continue };
        if module.file == tree.modules[parent].file && is_banned(name) {
            findings.push(finding(&module.file, name));
        }
    }
    findings
}

fn finding(place: &str, name: &str) -> Finding {
    Finding::file(place, Rule::BannedName, format!("`{name}` says nothing about the job; name it for what it does"))
}

/// The last name of a path up to its first dot.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

fn is_banned(name: &str) -> bool {
    BANNED.contains(&name)
}
