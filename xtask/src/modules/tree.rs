//! The modules of one crate as plain data.

use std::collections::{BTreeMap, BTreeSet};

/// The index of a module in [`Tree::modules`].
pub type ModuleId = usize;

/// The root module: `crate` itself.
pub const ROOT: ModuleId = 0;

/// A path as written, one name per element. A path that begins with `::` begins with [`OUTSIDE`].
pub type Path = Vec<String>;

/// The first name of a path that begins with `::`, such as `::std::fmt`.
pub const OUTSIDE: &str = "::";

/// One crate: a library or a program.
#[derive(Debug, Default)]
pub struct Tree {
    /// The name that other crates use, such as `vast_xml`.
    pub name: String,
    /// The package that it belongs to, such as `vast-xml`.
    pub package: String,
    /// All modules; the first is the root.
    pub modules: Vec<Module>,
    /// The modules that define a `macro_rules!` with this name. Such macros are found by textual order, not by path.
    pub macros: BTreeMap<String, BTreeSet<ModuleId>>,
}

/// One module: a file or an inline `mod name { .. }`.
#[derive(Debug, Default)]
pub struct Module {
    /// The names from the crate's root; empty for the root.
    pub path: Path,
    /// The file that holds its code, relative to the repository.
    pub file: String,
    /// The module that declares it; `None` for the root.
    pub parent: Option<ModuleId>,
    /// The modules that it declares.
    pub children: BTreeMap<String, ModuleId>,
    /// The names of all items that it defines.
    pub items: BTreeSet<String>,
    /// The types and traits that it defines, including those in functions and macro calls.
    pub types: Vec<TypeDefinition>,
    /// Its `use` declarations, one per imported name, including those in functions.
    pub imports: Vec<Import>,
    /// The paths in its code.
    pub references: Vec<Reference>,
    /// Whether its items include a macro call, which may define unknown names.
    pub generates_items: bool,
}

/// A `struct`, `enum`, `union`, `trait` or `type` that a module defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeDefinition {
    /// Its name.
    pub name: String,
    /// The line of the name, counted from 1.
    pub line: usize,
}

/// One name that a `use` imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The full path.
    pub path: Path,
    /// The name in the importing module.
    pub name: ImportedName,
    /// Whether it is visible outside of the module (`pub`, `pub(crate)`, ...), as a re-export.
    pub exported: bool,
    /// The line of the name, counted from 1.
    pub line: usize,
}

/// The name that an import gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportedName {
    /// This one.
    Known(String),
    /// No name: `as _`.
    Anonymous,
    /// Everything that the path contains: `*`.
    Glob,
}

/// A path in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The path as written.
    pub path: Path,
    /// The kind of code that contains it.
    pub kind: ReferenceKind,
    /// Its line, counted from 1.
    pub line: usize,
}

/// The kinds of code that contain paths. The kind decides which targets are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceKind {
    /// In a type, expression, pattern, bound, or in a macro's arguments.
    Code,
    /// The name of a macro that is called. It may also be found by textual order.
    MacroCall,
    /// In an attribute such as `#[serde(with = "path")]`: may name a whole module.
    Attribute,
}

impl Tree {
    /// Whether this is a library, which other crates can use, and not a program.
    pub fn is_library(&self) -> bool {
        self.modules.first().is_some_and(|root| root.file.ends_with("/lib.rs"))
    }

    /// The module's full name, such as `vast_client::fetch::http`.
    pub fn full_name(&self, module: ModuleId) -> String {
        let path = &self.modules[module].path;
        std::iter::once(&self.name).chain(path).map(String::as_str).collect::<Vec<_>>().join("::")
    }

    /// Whether `module` is a descendant of `ancestor`.
    pub fn is_inside(&self, module: ModuleId, ancestor: ModuleId) -> bool {
        let mut next = self.modules[module].parent;
        while let Some(parent) = next {
            if parent == ancestor {
                return true;
            }
            next = self.modules[parent].parent;
        }
        false
    }
}
