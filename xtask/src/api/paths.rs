//! Finds the public paths of the items of a library.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Item, Visibility};

use crate::modules::configuration::attributes;
use crate::modules::imports::{flatten, plain};
use crate::modules::resolve::Target;
use crate::modules::tree::{Import, ImportedName, ModuleId, ROOT};

use super::library::{Library, conditions_of, defined_name, is_hidden};

/// The place of a definition: its module and its name.
pub(super) type Key = (ModuleId, String);

/// The public items of a library.
#[derive(Default)]
pub(super) struct Public {
    /// Every definition with its paths and the conditions of each path.
    paths: BTreeMap<Key, BTreeMap<String, Vec<String>>>,
    /// Lines about public names without a definition here: modules, and items of other crates.
    other: BTreeSet<String>,
}

/// A definition with the path under which it is listed.
pub(super) struct Definition<'p> {
    pub(super) key: &'p Key,
    pub(super) path: &'p str,
    /// The conditions of the path, without those of the item itself.
    pub(super) conditions: &'p [String],
}

impl Public {
    /// Every definition at its shortest path.
    pub(super) fn definitions(&self) -> impl Iterator<Item = Definition<'_>> {
        self.paths.keys().filter_map(|key| self.definition(key))
    }

    /// The definition, if it is public.
    pub(super) fn definition<'p>(&'p self, key: &Key) -> Option<Definition<'p>> {
        let (key, paths) = self.paths.get_key_value(key)?;
        let (path, conditions) = paths.iter().min_by_key(|(path, _)| (path.matches("::").count(), *path))?;
        Some(Definition { key, path, conditions })
    }

    /// The lines about modules, other crates' items and further paths of the same definition.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let further = self.paths.iter().flat_map(|(key, paths)| {
            let listed = self.definition(key).map(|definition| definition.path).unwrap_or_default();
            paths.keys().filter(move |path| *path != listed).map(move |path| format!("{path}: use {listed}"))
        });
        self.other.iter().cloned().chain(further)
    }
}

/// Finds all public paths.
pub(super) fn public(library: &Library) -> Public {
    let mut walk = Walk { library, public: Public::default(), open: Vec::new() };
    walk.module(ROOT, &library.tree.name, &[]);
    walk.public
}

struct Walk<'l> {
    library: &'l Library,
    public: Public,
    /// The modules on the current path, so that globs that import each other end.
    open: Vec<ModuleId>,
}

impl Walk<'_> {
    fn module(&mut self, module: ModuleId, path: &str, conditions: &[String]) {
        if self.open.contains(&module) {
            return;
        }
        self.open.push(module);
        let library = self.library;
        for item in library.items[module].iter().filter(|item| !is_hidden(attributes(item))) {
            self.item(module, path, conditions, item);
        }
        self.open.pop();
    }

    fn item(&mut self, module: ModuleId, path: &str, conditions: &[String], item: &Item) {
        let exported = |attribute: &syn::Attribute| attribute.path().is_ident("macro_export");
        match item {
            Item::Mod(declaration) if is_public(&declaration.vis) => {
                let name = plain(&declaration.ident);
                if let Some(&child) = self.library.tree.modules[module].children.get(&name) {
                    self.public.other.insert(format!("{path}::{name}: mod"));
                    self.module(child, &format!("{path}::{name}"), &joined(conditions, &declaration.attrs));
                }
            }
            Item::Use(declaration) if is_public(&declaration.vis) => {
                let conditions = joined(conditions, &declaration.attrs);
                for import in flatten(declaration) {
                    self.import(module, path, &conditions, &import);
                }
            }
            Item::Macro(definition) if definition.attrs.iter().any(exported) => {
                let name = definition.ident.as_ref().map(plain).unwrap_or_default();
                self.publish((module, name.clone()), format!("{}::{name}", self.library.tree.name), conditions);
            }
            _ => {
                if let Some(name) = defined_name(item).filter(|_| visibility(item).is_some_and(is_public)) {
                    self.publish((module, name.clone()), format!("{path}::{name}"), conditions);
                }
            }
        }
    }

    fn import(&mut self, module: ModuleId, path: &str, conditions: &[String], import: &Import) {
        let name = match &import.name {
            ImportedName::Known(name) => name.as_str(),
            ImportedName::Anonymous => return,
            ImportedName::Glob => "*",
        };
        let defined = import.path.last().map_or("", String::as_str);
        let mut targets = self.library.tree.resolve(module, &import.path);
        if targets.is_empty() {
            targets.push(Target::Outside);
        }
        for target in targets {
            match target {
                Target::Module(other) if name == "*" => self.module(other, path, conditions),
                Target::Module(other) => self.module(other, &format!("{path}::{name}"), conditions),
                Target::Item(other) => self.publish((other, defined.to_owned()), format!("{path}::{name}"), conditions),
                Target::Outside => {
                    self.public.other.insert(format!("{path}::{name}: use {}", import.path.join("::")));
                }
            }
        }
    }

    fn publish(&mut self, key: Key, path: String, conditions: &[String]) {
        self.public.paths.entry(key).or_default().insert(path, conditions.to_vec());
    }
}

fn joined(conditions: &[String], attributes: &[syn::Attribute]) -> Vec<String> {
    conditions.iter().cloned().chain(conditions_of(attributes)).collect()
}

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn visibility(item: &Item) -> Option<&Visibility> {
    match item {
        Item::Const(item) => Some(&item.vis),
        Item::Enum(item) => Some(&item.vis),
        Item::Fn(item) => Some(&item.vis),
        Item::Static(item) => Some(&item.vis),
        Item::Struct(item) => Some(&item.vis),
        Item::Trait(item) => Some(&item.vis),
        Item::Type(item) => Some(&item.vis),
        Item::Union(item) => Some(&item.vis),
        _ => None,
    }
}
