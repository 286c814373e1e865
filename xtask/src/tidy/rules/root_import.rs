//! Modules name an item by the module that defines it, and not by the root of the crate, which re-exports names for
//! other crates. Otherwise every module seems to depend on the root, and the root on every module.

use crate::finding::{Finding, Rule};
use crate::modules::resolve::Target;
use crate::modules::tree::{ModuleId, ROOT, Tree};

/// One finding per path of a module that reaches an item of another module through a re-export of the root.
pub fn check(tree: &Tree) -> Vec<Finding> {
    (0..tree.modules.len()).filter(|&module| module != ROOT).flat_map(|module| in_module(tree, module)).collect()
}

fn in_module(tree: &Tree, module: ModuleId) -> Vec<Finding> {
    let this = &tree.modules[module];
    let imports = this.imports.iter().filter(|import| !import.exported).map(|import| (&import.path, import.line));
    let references = this.references.iter().map(|reference| (&reference.path, reference.line));
    let mut findings: Vec<Finding> = imports
        .chain(references)
        .filter_map(|(path, line)| {
            let home = home_behind_root(tree, path)?;
            let message =
                format!("`{}` is defined in `{}`; name it by that module", path.join("::"), tree.full_name(home));
            Some(Finding::line(&this.file, line, Rule::RootImport, message))
        })
        .collect();
    findings.dedup();
    findings
}

/// The module of an item that `path` names as `crate::Item`, if this is not the root itself.
fn home_behind_root(tree: &Tree, path: &[String]) -> Option<ModuleId> {
    let [start, item, ..] = path else { return None };
    if start != "crate" || tree.modules[ROOT].children.contains_key(item) || tree.modules[ROOT].items.contains(item) {
        return None;
    }
    let targets = tree.resolve(ROOT, &path[..2]);
    targets.into_iter().find_map(|target| match target {
        Target::Item(home) if home != ROOT => Some(home),
        _ => None,
    })
}
