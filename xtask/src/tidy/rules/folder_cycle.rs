//! Folders of one crate must not depend on each other in a cycle, at any level of the tree.
//!
//! At each level, the folders (with everything in them) and files of one folder are compared. `lane.rs` and `lane/` count
//! as one. If there is a cycle, none of its parts can be understood, tested or moved alone.

use std::collections::BTreeMap;

use crate::finding::{Finding, Rule};
use crate::modules::cycles::{Adjacency, shortest_cycles};
use crate::modules::graph::Graph;
use crate::modules::tree::{ModuleId, Tree};

/// The edges between the entries of one folder, each with the edge between modules that causes it.
type Level = BTreeMap<(String, String), (ModuleId, ModuleId)>;

/// One finding per group of folders that reach each other, with the position of every edge of a shortest cycle. The rule
/// about modules reports cycles of files.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let graph = Graph::new(tree);
    levels(&graph).iter().flat_map(|(folder, level)| findings(&graph, folder, level)).collect()
}

/// Every edge between modules, at the level where the paths of their files differ.
fn levels(graph: &Graph<'_>) -> BTreeMap<String, Level> {
    let mut levels: BTreeMap<String, Level> = BTreeMap::new();
    for &(from, to) in graph.edges.keys() {
        if let Some((folder, names)) = parting(&graph.tree.modules[from].file, &graph.tree.modules[to].file) {
            levels.entry(folder).or_default().entry(names).or_insert((from, to));
        }
    }
    levels
}

/// The folder in which the paths of two files differ, and the next names of both.
fn parting(from: &str, to: &str) -> Option<(String, (String, String))> {
    let (from, to): (Vec<&str>, Vec<&str>) = (steps(from), steps(to));
    let level = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let (one, other) = (from.get(level)?, to.get(level)?);
    Some((from[..level].join("/"), ((*one).to_owned(), (*other).to_owned())))
}

/// The names in the path of a file. `lane.rs` has the name of the folder with its children.
fn steps(file: &str) -> Vec<&str> {
    file.trim_end_matches(".rs").split('/').collect()
}

fn findings(graph: &Graph<'_>, folder: &str, level: &Level) -> Vec<Finding> {
    let names: Vec<&String> = level.keys().flat_map(|(from, to)| [from, to]).collect();
    let number = |name: &String| names.iter().position(|known| *known == name).unwrap_or_default();
    let mut adjacency = Adjacency::new();
    for (from, to) in level.keys() {
        adjacency.entry(number(from)).or_default().insert(number(to));
    }
    let cycles = shortest_cycles(&adjacency).into_iter();
    let cycles = cycles.map(|cycle| cycle.into_iter().map(|name| names[name].as_str()).collect::<Vec<_>>());
    cycles.filter_map(|cycle| finding(graph, folder, level, &cycle)).collect()
}

/// The finding about one cycle; `None` if it is a cycle of files.
fn finding(graph: &Graph<'_>, folder: &str, level: &Level, cycle: &[&str]) -> Option<Finding> {
    let steps = cycle.iter().zip(cycle.iter().cycle().skip(1));
    let edges: Vec<(ModuleId, ModuleId)> =
        steps.map(|(from, to)| level[&((*from).to_owned(), (*to).to_owned())]).collect();
    if edges.iter().zip(edges.iter().cycle().skip(1)).all(|(edge, next)| edge.1 == next.0) {
        return None;
    }
    let names: Vec<&str> = cycle.iter().chain(&cycle[..1]).copied().collect();
    let reasons: Vec<String> = edges.iter().map(|edge| graph.describe(*edge)).collect();
    let message = format!("{} in {folder}; {}", names.join(" -> "), reasons.join(", "));
    let (file, line) = (&graph.tree.modules[edges[0].0].file, graph.edges[&edges[0]].line);
    Some(Finding::line(file, line, Rule::FolderCycle, message))
}
