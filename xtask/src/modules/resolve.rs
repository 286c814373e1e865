//! Finds the target of a path through `crate`, `self`, `super`, declarations, imports, re-exports and globs.

use super::tree::{Import, ImportedName, ModuleId, OUTSIDE, ROOT, Tree};

/// A possible target of a path. A path can have several targets, such as a module and a function with the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A module itself.
    Module(ModuleId),
    /// An item, or a part of one such as a variant, defined in this module.
    Item(ModuleId),
    /// Something of another crate.
    Outside,
}

/// The imports that were followed, so that imports that lead to each other end.
type Trail = Vec<(ModuleId, usize)>;

impl Tree {
    /// All targets of `path`, written in module `from`. Empty for an unknown name (a local variable, a name of the prelude,
    /// another crate). A name that a known module does not define is treated as an item of that module, because a macro may
    /// have defined it.
    pub fn resolve(&self, from: ModuleId, path: &[String]) -> Vec<Target> {
        self.follow(from, path, &mut Trail::new())
    }

    /// Whether `path`, relative to the crate's root, names a module or an item of one. It is stricter than
    /// [`Tree::resolve`]: a name must have a definition, unless a macro may have defined it.
    pub fn names(&self, path: &[String]) -> bool {
        let mut module = ROOT;
        for name in path {
            let found = self.lookup(module, name, &mut Trail::new());
            match found.iter().find(|target| matches!(target, Target::Module(_))) {
                Some(Target::Module(next)) => module = *next,
                _ => return !found.is_empty() || self.modules[module].generates_items,
            }
        }
        true
    }

    fn follow(&self, from: ModuleId, path: &[String], trail: &mut Trail) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else { return vec![Target::Module(from)] };
        match first.as_str() {
            OUTSIDE => vec![Target::Outside],
            "crate" => self.follow_rest(vec![Target::Module(ROOT)], rest, trail),
            "self" => self.follow_rest(vec![Target::Module(from)], rest, trail),
            "super" => match self.modules[from].parent {
                Some(parent) if rest.first().is_some_and(|next| next == "super") => self.follow(parent, rest, trail),
                Some(parent) => self.follow_rest(vec![Target::Module(parent)], rest, trail),
                None => Vec::new(),
            },
            _ => {
                let start = self.lookup(from, first, trail);
                self.follow_rest(start, rest, trail)
            }
        }
    }

    fn follow_rest(&self, start: Vec<Target>, rest: &[String], trail: &mut Trail) -> Vec<Target> {
        let mut targets = start;
        for name in rest {
            // A function with the name of the module has no items, so it is not a target.
            if targets.iter().any(|target| matches!(target, Target::Module(_))) {
                targets.retain(|target| matches!(target, Target::Module(_)));
            }
            targets = targets.into_iter().flat_map(|target| self.step(target, name, trail)).collect();
            targets.sort_unstable();
            targets.dedup();
        }
        targets
    }

    fn step(&self, target: Target, name: &str, trail: &mut Trail) -> Vec<Target> {
        let Target::Module(module) = target else { return vec![target] };
        let found = self.lookup(module, name, trail);
        match found.is_empty() {
            false => found,
            true if self.reexports_another_crate(module, trail) => vec![Target::Outside],
            true => vec![Target::Item(module)],
        }
    }

    /// The targets of `name` in the scope of `module`.
    fn lookup(&self, module: ModuleId, name: &str, trail: &mut Trail) -> Vec<Target> {
        let scope = &self.modules[module];
        let mut found: Vec<Target> = scope.children.get(name).map(|&child| Target::Module(child)).into_iter().collect();
        found.extend(scope.items.contains(name).then_some(Target::Item(module)));
        for (index, import) in self.imports(module) {
            if matches!(&import.name, ImportedName::Known(known) if known == name) {
                found.extend(self.through(module, index, import, trail));
            }
        }
        if found.is_empty() { self.lookup_in_globs(module, name, trail) } else { found }
    }

    /// Names that are imported one by one hide names of globs, so globs come last.
    fn lookup_in_globs(&self, module: ModuleId, name: &str, trail: &mut Trail) -> Vec<Target> {
        let mut found = Vec::new();
        for (index, import) in self.imports(module) {
            if import.name != ImportedName::Glob || trail.contains(&(module, index)) {
                continue;
            }
            trail.push((module, index));
            for target in self.follow(module, &import.path, trail) {
                if let Target::Module(source) = target {
                    found.extend(self.lookup(source, name, trail));
                }
            }
            trail.pop();
        }
        found
    }

    /// The targets of one import. A path that is unknown in this crate belongs to another crate.
    fn through(&self, module: ModuleId, index: usize, import: &Import, trail: &mut Trail) -> Vec<Target> {
        if trail.contains(&(module, index)) {
            return Vec::new();
        }
        trail.push((module, index));
        let targets = self.follow(module, &import.path, trail);
        trail.pop();
        if targets.is_empty() { vec![Target::Outside] } else { targets }
    }

    /// Whether the module contains `pub use another_crate::*`. A name that is unknown here then most likely belongs to that
    /// crate.
    fn reexports_another_crate(&self, module: ModuleId, trail: &mut Trail) -> bool {
        self.imports(module).any(|(_, import)| {
            let first = import.path.first().map_or("self", String::as_str);
            let is_ours = ["crate", "self", "super"].contains(&first);
            let is_exported_glob = import.exported && import.name == ImportedName::Glob;
            is_exported_glob && !is_ours && self.lookup(module, first, trail).is_empty()
        })
    }

    fn imports(&self, module: ModuleId) -> impl Iterator<Item = (usize, &Import)> {
        self.modules[module].imports.iter().enumerate()
    }
}
