//! Flattens `use` declarations to one [`Import`] per name.

use syn::{ItemUse, UseTree, Visibility};

use super::tree::{Import, ImportedName, OUTSIDE, Path};

/// The imports of one declaration, in source order.
pub fn flatten(declaration: &ItemUse) -> Vec<Import> {
    let start = if declaration.leading_colon.is_some() { vec![OUTSIDE.to_owned()] } else { Vec::new() };
    let mut imports = Vec::new();
    walk(&declaration.tree, &start, is_exported(&declaration.vis), &mut imports);
    imports
}

/// Whether a declaration with this visibility exports its name to other modules; `pub(self)` does not.
fn is_exported(visibility: &Visibility) -> bool {
    match visibility {
        Visibility::Public(_) => true,
        Visibility::Restricted(restricted) => !restricted.path.is_ident("self"),
        _ => false,
    }
}

fn walk(tree: &UseTree, prefix: &Path, exported: bool, imports: &mut Vec<Import>) {
    match tree {
        UseTree::Path(step) => walk(&step.tree, &longer(prefix, &step.ident), exported, imports),
        UseTree::Group(group) => group.items.iter().for_each(|item| walk(item, prefix, exported, imports)),
        UseTree::Name(leaf) => {
            let path = leaf_path(prefix, &leaf.ident);
            let name = path.last().map_or(ImportedName::Anonymous, |name| ImportedName::Known(name.clone()));
            imports.push(Import { path, name, exported, line: line(&leaf.ident) });
        }
        UseTree::Rename(leaf) if leaf.rename == "_" => {
            let path = leaf_path(prefix, &leaf.ident);
            imports.push(Import { path, name: ImportedName::Anonymous, exported, line: line(&leaf.ident) });
        }
        UseTree::Rename(leaf) => {
            let name = ImportedName::Known(plain(&leaf.rename));
            imports.push(Import { path: leaf_path(prefix, &leaf.ident), name, exported, line: line(&leaf.ident) });
        }
        UseTree::Glob(glob) => {
            let line = glob.star_token.spans[0].start().line;
            imports.push(Import { path: prefix.clone(), name: ImportedName::Glob, exported, line });
        }
    }
}

/// `a::b::{self}` means `a::b`. A single `self` stays.
fn leaf_path(prefix: &Path, leaf: &syn::Ident) -> Path {
    if leaf == "self" && !prefix.is_empty() { prefix.clone() } else { longer(prefix, leaf) }
}

fn longer(prefix: &Path, name: &syn::Ident) -> Path {
    let mut path = prefix.clone();
    path.push(plain(name));
    path
}

/// The identifier without `r#`.
pub fn plain(name: &syn::Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}

fn line(name: &syn::Ident) -> usize {
    name.span().start().line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[&str]) {
        let declaration: ItemUse = syn::parse_str(source).expect("the case is Rust");
        let show = |import: &Import| {
            let name = match &import.name {
                ImportedName::Known(name) => name,
                ImportedName::Anonymous => "_",
                ImportedName::Glob => "*",
            };
            format!("{}{} as {name}", if import.exported { "pub " } else { "" }, import.path.join("::"))
        };
        assert_eq!(flatten(&declaration).iter().map(show).collect::<Vec<_>>(), expected, "{source}");
    }

    #[test]
    fn flattens_groups_renames_globs_and_self() {
        check(
            "use super::one::{self, Two, three::{Four as Five, *}};",
            &[
                "super::one as one",
                "super::one::Two as Two",
                "super::one::three::Four as Five",
                "super::one::three as *",
            ],
        );
        check("pub(crate) use child::Trait as _;", &["pub child::Trait as _"]);
        check("pub(self) use child::Trait;", &["child::Trait as Trait"]);
        check("use ::std::fmt;", &["::::std::fmt as fmt"]);
    }
}
