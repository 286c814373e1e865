//! The modules of one crate as plain data.

use std::collections::{BTreeMap, BTreeSet};

/// A module's place in [`Tree::modules`].
pub type ModuleId = usize;

/// The root module: `crate` itself.
pub const ROOT: ModuleId = 0;

/// A path as written, one name per element. A path that begins with `::` begins with [`OUTSIDE`].
pub type Path = Vec<String>;

/// First name of a path that leaves the crate explicitly (`::std::fmt`).
pub const OUTSIDE: &str = "::";

/// One crate: a library or a program.
#[derive(Debug, Default)]
pub struct Tree {
    /// The name by which others call it, such as `vast_xml`.
    pub name: String,
    /// The package that it belongs to, such as `vast-xml`.
    pub package: String,
    /// All modules; the first is the root.
    pub modules: Vec<Module>,
    /// Which modules define a `macro_rules!` of this name: such macros are found by textual order, not by path.
    pub macros: BTreeMap<String, BTreeSet<ModuleId>>,
}

/// One module: a file or an inline `mod name { .. }`.
#[derive(Debug, Default)]
pub struct Module {
    /// The names from the crate's root, which itself has none.
    pub path: Path,
    /// The file that holds its code, relative to the repository.
    pub file: String,
    /// The module that declares it; `None` for the root.
    pub parent: Option<ModuleId>,
    /// The modules that it declares.
    pub children: BTreeMap<String, ModuleId>,
    /// The items that it defines, by name, whatever their kind.
    pub items: BTreeSet<String>,
    /// The types and traits that it defines, those inside of functions and macro calls too.
    pub types: Vec<TypeDefinition>,
    /// Its `use` declarations, one per imported name, those inside of functions too.
    pub imports: Vec<Import>,
    /// The paths that its code names.
    pub references: Vec<Reference>,
    /// Whether a macro call stands among its items: then it may define names that cannot be seen here.
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

/// One name that a `use` brings in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The full path.
    pub path: Path,
    /// Under which name it is known in the importing module.
    pub name: ImportedName,
    /// Whether it is visible outside of the module (`pub`, `pub(crate)`, ...): a re-export.
    pub exported: bool,
    /// The line of the name, counted from 1.
    pub line: usize,
}

/// The name an import gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportedName {
    /// This one.
    Known(String),
    /// None: `as _`.
    Anonymous,
    /// Everything that the path contains: `*`.
    Glob,
}

/// A path named by code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The path as written.
    pub path: Path,
    /// Where it stands.
    pub kind: ReferenceKind,
    /// Its line, counted from 1.
    pub line: usize,
}

/// Where a path stands, which decides what it may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceKind {
    /// In a type, expression, pattern, bound, or in a macro's arguments.
    Code,
    /// It is the macro being called: may also be found by textual order.
    MacroCall,
    /// In an attribute such as `#[serde(with = "path")]`: may name a whole module.
    Attribute,
}

impl Tree {
    /// Whether this is a library, which other crates can use, and no program.
    pub fn is_library(&self) -> bool {
        self.modules.first().is_some_and(|root| root.file.ends_with("/lib.rs"))
    }

    /// The module's full name, such as `vast_client::fetch::http`.
    pub fn full_name(&self, module: ModuleId) -> String {
        let path = &self.modules[module].path;
        std::iter::once(&self.name).chain(path).map(String::as_str).collect::<Vec<_>>().join("::")
    }

    /// Whether `module` lies somewhere inside of `ancestor`.
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
