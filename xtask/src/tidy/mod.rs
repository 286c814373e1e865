//! `cargo xtask tidy`: checks the rules of the repository, using only its files.

use std::io;
use std::path::Path;

use crate::finding::Finding;
use crate::modules::graph::Graph;
use crate::modules::scan;
use crate::repository::Repository;

pub mod comments;
pub mod metadata;
pub mod rules;

pub use rules::long_file::MAX_LINES;

/// All findings about the files below `root`, sorted by position. The compiler versions of dependencies need Cargo, so
/// [`metadata`] checks them separately.
///
/// # Errors
/// If the tree cannot be listed or one of its files cannot be read.
pub fn check(root: &Path) -> io::Result<Vec<Finding>> {
    let repository = Repository::open(root)?;
    let (trees, mut findings) = scan::trees(&repository);
    findings.extend(trees.iter().flat_map(rules::module_cycle::check));
    findings.extend(trees.iter().flat_map(rules::folder_cycle::check));
    findings.extend(trees.iter().flat_map(rules::root_import::check));
    findings.extend(rules::doubled_name::check(&repository, &trees));
    findings.extend(rules::crate_edge::check(&repository));
    findings.extend(rules::long_file::check(&repository)?);
    findings.extend(rules::banned_name::check(&repository, &trees));
    findings.extend(rules::machine_path::check(&repository)?);
    findings.extend(rules::broken_link::check(&repository)?);
    findings.extend(rules::architecture::check(&repository, &trees)?);
    findings.sort();
    findings.dedup();
    Ok(findings)
}

/// The module graph of all crates as text, one paragraph per crate.
///
/// # Errors
/// If the tree cannot be listed.
pub fn graph_text(root: &Path) -> io::Result<String> {
    let (trees, _) = scan::trees(&Repository::open(root)?);
    let paragraphs: Vec<String> = trees.iter().map(|tree| Graph::new(tree).text()).collect();
    Ok(paragraphs.join("\n"))
}

/// The module graph of all crates as one Graphviz document.
///
/// # Errors
/// If the tree cannot be listed.
pub fn graph_dot(root: &Path) -> io::Result<String> {
    let (trees, _) = scan::trees(&Repository::open(root)?);
    let edges: String = trees.iter().map(|tree| Graph::new(tree).dot()).collect();
    Ok(format!("digraph modules {{\n  rankdir = LR;\n{edges}}}\n"))
}
