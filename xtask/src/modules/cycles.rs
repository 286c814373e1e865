//! Finds cycles in a directed graph.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The nodes that each node points to, by number.
pub type Adjacency = BTreeMap<usize, BTreeSet<usize>>;

/// One shortest cycle per group of nodes that reach each other: `[a, b]` stands for `a -> b -> a`. A node that points to
/// itself only is not a cycle.
pub fn shortest_cycles(graph: &Adjacency) -> Vec<Vec<usize>> {
    let mut covered = BTreeSet::new();
    let mut cycles = Vec::new();
    for &node in graph.keys() {
        if covered.contains(&node) {
            continue;
        }
        if let Some(cycle) = shortest_cycle_through(graph, node) {
            let reached = reachable(graph, node);
            covered.extend(reached.into_iter().filter(|&other| reachable(graph, other).contains(&node)));
            cycles.push(cycle);
        }
    }
    cycles
}

/// A breadth-first search from `start` until an edge leads back to it.
fn shortest_cycle_through(graph: &Adjacency, start: usize) -> Option<Vec<usize>> {
    let mut queue = VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::from([start]);
    while let Some(way) = queue.pop_front() {
        for next in successors(graph, way[way.len() - 1]) {
            if next == start && way.len() > 1 {
                return Some(way);
            }
            if seen.insert(next) {
                queue.push_back(way.iter().copied().chain([next]).collect());
            }
        }
    }
    None
}

fn reachable(graph: &Adjacency, start: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        open.extend(successors(graph, node).filter(|&next| reached.insert(next)));
    }
    reached
}

fn successors(graph: &Adjacency, node: usize) -> impl Iterator<Item = usize> + '_ {
    graph.get(&node).into_iter().flatten().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(edges: &[(usize, usize)], expected: &[&[usize]]) {
        let mut graph = Adjacency::new();
        for &(from, to) in edges {
            graph.entry(from).or_default().insert(to);
        }
        assert_eq!(shortest_cycles(&graph), expected, "{edges:?}");
    }

    #[test]
    fn finds_one_shortest_cycle_per_group() {
        check(&[(0, 1), (1, 2), (0, 2)], &[]);
        check(&[(0, 0)], &[]);
        check(&[(0, 1), (1, 0)], &[&[0, 1]]);
        check(&[(0, 1), (1, 2), (2, 0), (0, 3), (3, 0)], &[&[0, 3]]);
        check(&[(0, 1), (1, 0), (2, 3), (3, 4), (4, 2)], &[&[0, 1], &[2, 3, 4]]);
    }
}
