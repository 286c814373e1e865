//! The edges between the modules of one crate.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::cycles::Adjacency;
use super::resolve::Target;
use super::tree::{Import, ImportedName, ModuleId, Reference, ReferenceKind, Tree};

/// The reason why one module depends on another: the first path that uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The line in the using module's file.
    pub line: usize,
    /// The path as written there.
    pub path: String,
}

/// The uses between the modules of one crate.
#[derive(Debug)]
pub struct Graph<'t> {
    /// The modules.
    pub tree: &'t Tree,
    /// The edges, from the module that uses to the module that defines.
    pub edges: BTreeMap<(ModuleId, ModuleId), Reason>,
}

impl<'t> Graph<'t> {
    /// Finds all edges of a crate.
    pub fn new(tree: &'t Tree) -> Self {
        let mut graph = Self { tree, edges: BTreeMap::new() };
        for (id, module) in tree.modules.iter().enumerate() {
            for import in &module.imports {
                if !is_alias(tree, id, import) {
                    graph.add(id, &tree.resolve(id, &import.path), import.line, &import.path);
                }
            }
            for reference in &module.references {
                graph.add(id, &referenced(tree, id, reference), reference.line, &reference.path);
            }
        }
        graph
    }

    /// The edges by number, for [`super::cycles`].
    pub fn adjacency(&self) -> Adjacency {
        let mut adjacency = Adjacency::new();
        for &(from, to) in self.edges.keys() {
            adjacency.entry(from).or_default().insert(to);
        }
        adjacency
    }

    /// The position of the edge and the path as written there.
    pub fn describe(&self, edge: (ModuleId, ModuleId)) -> String {
        let reason = &self.edges[&edge];
        format!("{}:{} names `{}`", self.tree.modules[edge.0].file, reason.line, reason.path)
    }

    /// One line per module: its name and the modules that it uses.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for id in 0..self.tree.modules.len() {
            let used = self.edges.keys().filter(|(from, _)| *from == id).map(|&(_, to)| self.tree.full_name(to));
            let used: Vec<String> = used.collect();
            let arrow = if used.is_empty() { "" } else { " -> " };
            let _ = writeln!(text, "{}{arrow}{}", self.tree.full_name(id), used.join(", "));
        }
        text
    }

    /// The edges as lines of a Graphviz `digraph`.
    pub fn dot(&self) -> String {
        let line = |&(from, to): &(ModuleId, ModuleId)| {
            format!("  \"{}\" -> \"{}\";\n", self.tree.full_name(from), self.tree.full_name(to))
        };
        self.edges.keys().map(line).collect()
    }

    fn add(&mut self, from: ModuleId, targets: &[Target], line: usize, path: &[String]) {
        for target in targets {
            if let &Target::Item(to) = target
                && to != from
            {
                let reason = Reason { line, path: path.join("::") };
                let known = self.edges.entry((from, to)).or_insert_with(|| reason.clone());
                if line < known.line {
                    *known = reason;
                }
            }
        }
    }
}

/// Whether an import only gives an item of a child module a second name: `pub use child::Item`.
fn is_alias(tree: &Tree, module: ModuleId, import: &Import) -> bool {
    if !import.exported {
        return false;
    }
    let whole = import.path.len();
    let prefix = if import.name == ImportedName::Glob { whole } else { whole.saturating_sub(1) };
    let inside = |target: &Target| match *target {
        Target::Module(way) | Target::Item(way) => tree.is_inside(way, module),
        Target::Outside => false,
    };
    tree.resolve(module, &import.path[..prefix]).iter().any(inside)
}

fn referenced(tree: &Tree, module: ModuleId, reference: &Reference) -> Vec<Target> {
    let mut targets = tree.resolve(module, &reference.path);
    match reference.kind {
        ReferenceKind::Code => {}
        ReferenceKind::MacroCall => {
            if let ([name], true) = (&reference.path[..], targets.is_empty()) {
                targets.extend(tree.macros.get(name).into_iter().flatten().map(|&definer| Target::Item(definer)));
            }
        }
        // `with = "module"` uses functions of the module that the derive macro names.
        ReferenceKind::Attribute => {
            for target in &mut targets {
                if let Target::Module(used) = *target {
                    *target = Target::Item(used);
                }
            }
        }
    }
    targets
}
