//! Modules of one crate must not depend on each other in a cycle, including parents and children.
//!
//! If there is a cycle, none of its modules can be understood, tested or moved alone.

use crate::finding::{Finding, Rule};
use crate::modules::cycles::shortest_cycles;
use crate::modules::graph::Graph;
use crate::modules::tree::{ModuleId, Tree};

/// One finding per group of modules that reach each other, with the position of every edge of a shortest cycle.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let graph = Graph::new(tree);
    shortest_cycles(&graph.adjacency()).iter().map(|cycle| finding(&graph, cycle)).collect()
}

fn finding(graph: &Graph<'_>, cycle: &[ModuleId]) -> Finding {
    let tree = graph.tree;
    let edges: Vec<(ModuleId, ModuleId)> = cycle.iter().copied().zip(cycle.iter().copied().cycle().skip(1)).collect();
    let names: Vec<String> = cycle.iter().chain(&cycle[..1]).map(|&module| tree.full_name(module)).collect();
    let reasons: Vec<String> = edges.iter().map(|edge| graph.describe(*edge)).collect();
    let message = format!("{}; {}", names.join(" -> "), reasons.join(", "));
    Finding::line(&tree.modules[cycle[0]].file, graph.edges[&edges[0]].line, Rule::Cycle, message)
}
