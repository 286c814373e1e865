//! Reads a crate into its [`Tree`]: follows `mod` declarations from the root file, as the compiler does.

use syn::{Attribute, Expr, ExprLit, Item, ItemMacro, ItemMod, Lit, Meta};

use crate::finding::{Finding, Rule};
use crate::repository::{Crate, Repository};

use super::collect::collect_item;
use super::configuration::{attributes, only_in_tests};
use super::imports::plain;
use super::tree::{Import, ImportedName, Module, ModuleId, Path, ROOT, Tree};

/// The trees of all crates: of each its library and its programs. Files that cannot be read give findings.
pub fn trees(repository: &Repository) -> (Vec<Tree>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut trees = Vec::new();
    for unit in &repository.crates {
        for (name, file) in roots(repository, unit) {
            let empty = Tree { name, package: unit.name.clone(), ..Tree::default() };
            trees.push(read(repository, empty, &file, &mut findings));
        }
    }
    (trees, findings)
}

/// The root files of a crate and the names of their targets.
fn roots(repository: &Repository, unit: &Crate) -> Vec<(String, String)> {
    let name = unit.name.replace('-', "_");
    let (library, program) = (format!("{}/src/lib.rs", unit.folder), format!("{}/src/main.rs", unit.folder));
    match (repository.has(&library), repository.has(&program)) {
        (true, true) => vec![(name.clone(), library), (format!("{name}(main)"), program)],
        (true, false) => vec![(name, library)],
        (false, true) => vec![(name, program)],
        (false, false) => Vec::new(),
    }
}

/// Fills the tree, beginning with its root file.
fn read(repository: &Repository, tree: Tree, file: &str, findings: &mut Vec<Finding>) -> Tree {
    let mut scan = Scan { repository, findings, tree };
    let folder = folder_of(file).to_owned();
    scan.module_file(None, Path::new(), file, &folder);
    scan.tree
}

struct Scan<'r> {
    repository: &'r Repository,
    findings: &'r mut Vec<Finding>,
    tree: Tree,
}

impl Scan<'_> {
    /// Reads a module with a file; `folder` has the files of its children.
    fn module_file(&mut self, parent: Option<ModuleId>, path: Path, file: &str, folder: &str) -> ModuleId {
        let items = match self.parse(file) {
            Ok(items) => items,
            Err(finding) => {
                self.findings.push(finding);
                Vec::new()
            }
        };
        self.module(Module { path, file: file.to_owned(), parent, ..Module::default() }, folder, &items)
    }

    fn parse(&self, file: &str) -> Result<Vec<Item>, Finding> {
        let unreadable = |message: String| Finding::file(file, Rule::Source, message);
        let text = self.repository.text(file).map_err(|error| unreadable(format!("cannot be read: {error}")))?;
        let text = text.ok_or_else(|| unreadable("is not UTF-8".to_owned()))?;
        syn::parse_file(&text).map(|source| source.items).map_err(|error| {
            Finding::line(file, error.span().start().line, Rule::Source, format!("does not parse: {error}"))
        })
    }

    fn module(&mut self, module: Module, folder: &str, items: &[Item]) -> ModuleId {
        let id = self.tree.modules.len();
        self.tree.modules.push(module);
        for item in items.iter().filter(|item| !only_in_tests(attributes(item))) {
            match item {
                Item::Mod(declaration) => self.child(id, declaration, folder),
                _ => self.item(id, item),
            }
        }
        id
    }

    fn child(&mut self, parent: ModuleId, declaration: &ItemMod, folder: &str) {
        let name = plain(&declaration.ident);
        let module = &self.tree.modules[parent];
        let path: Path = module.path.iter().chain([&name]).cloned().collect();
        let (file, inner) = (module.file.clone(), format!("{folder}/{name}"));
        let child = match &declaration.content {
            Some((_, items)) => {
                let module = Module { path, file, parent: Some(parent), ..Module::default() };
                self.module(module, &inner, items)
            }
            None => {
                let Some((file, inner)) = self.file_of(&file, &inner, &declaration.attrs) else {
                    let line = declaration.ident.span().start().line;
                    self.findings.push(Finding::line(&file, line, Rule::Source, format!("`mod {name}` has no file")));
                    return;
                };
                self.module_file(Some(parent), path, &file, &inner)
            }
        };
        self.tree.modules[parent].children.insert(name, child);
    }

    /// The file of a declared module, and the folder of its children.
    fn file_of(&self, declared_in: &str, inner: &str, attributes: &[Attribute]) -> Option<(String, String)> {
        let named = path_attribute(attributes).map(|path| format!("{}/{path}", folder_of(declared_in)));
        if let Some(file) = named {
            let folder = folder_of(&file).to_owned();
            return self.repository.has(&file).then_some((file, folder));
        }
        let candidates = [format!("{inner}.rs"), format!("{inner}/mod.rs")];
        let file = candidates.into_iter().find(|file| self.repository.has(file))?;
        Some((file, inner.to_owned()))
    }

    fn item(&mut self, id: ModuleId, item: &Item) {
        collect_item(&mut self.tree.modules[id], item);
        if let Item::Macro(ItemMacro { ident: Some(name), attrs, .. }) = item {
            self.tree.macros.entry(plain(name)).or_default().insert(id);
            // The compiler exports such a macro at the root of the crate.
            let exported = attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"));
            if exported && id != ROOT {
                let path = [&["crate".to_owned()], &self.tree.modules[id].path[..], &[plain(name)]].concat();
                let name = ImportedName::Known(plain(name));
                self.tree.modules[ROOT].imports.push(Import { path, name, exported: true, line: 0 });
            }
        }
    }
}

/// The value of `#[path = "..."]`.
fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}
