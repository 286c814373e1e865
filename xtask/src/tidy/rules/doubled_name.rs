//! One type name must mean one thing: a reader who knows `Order` from one crate must not find another `Order` in the next.
//!
//! All published crates are checked together, including private types. Two cases are exempt: `wire` modules, whose types
//! have the names of the model's types on purpose, and definitions with the same name in one module, of which `cfg` keeps
//! one.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Rule};
use crate::modules::tree::{Module, Tree};
use crate::repository::Repository;

/// The name of modules whose types have the names of other types on purpose.
const MIRROR: &str = "wire";

/// One finding per name that more than one module defines. It is reported at the first position; the message lists all of
/// them.
pub fn check(repository: &Repository, trees: &[Tree]) -> Vec<Finding> {
    let mut names: BTreeMap<&str, BTreeSet<(&str, usize)>> = BTreeMap::new();
    let published = trees.iter().filter(|tree| repository.publishes(&tree.package));
    for module in published.flat_map(|tree| &tree.modules).filter(|module| !is_mirror(module)) {
        let mut seen = BTreeSet::new();
        for definition in module.types.iter().filter(|definition| seen.insert(&definition.name)) {
            names.entry(&definition.name).or_default().insert((&module.file, definition.line));
        }
    }
    names.into_iter().filter(|(_, places)| places.len() > 1).map(|(name, places)| finding(name, &places)).collect()
}

fn is_mirror(module: &Module) -> bool {
    module.path.iter().any(|name| name == MIRROR)
}

fn finding(name: &str, places: &BTreeSet<(&str, usize)>) -> Finding {
    let shown: Vec<String> = places.iter().map(|(file, line)| format!("{file}:{line}")).collect();
    let message = format!("`{name}` is defined {} times: {}", places.len(), shown.join(", "));
    let (file, line) = places.first().copied().unwrap_or_default();
    Finding::line(file, line, Rule::DoubledName, message)
}
