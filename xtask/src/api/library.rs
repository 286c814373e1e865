//! The modules and items of a library.

use std::collections::BTreeMap;
use std::io;

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Item, Meta};

use crate::modules::configuration::{attributes, only_in_tests};
use crate::modules::imports::plain;
use crate::modules::tree::{ModuleId, Tree};
use crate::repository::Repository;

/// One library.
pub(super) struct Library {
    /// The modules.
    pub(super) tree: Tree,
    /// The items of each module, without tests.
    pub(super) items: Vec<Vec<Item>>,
    /// The conditions under which each module exists, including those of its parents.
    pub(super) conditions: Vec<Vec<String>>,
}

impl Library {
    /// Reads the items of all modules.
    pub(super) fn read(repository: &Repository, tree: Tree) -> io::Result<Self> {
        let mut files: BTreeMap<String, Vec<Item>> = BTreeMap::new();
        let (mut items, mut conditions): (Vec<Vec<Item>>, Vec<Vec<String>>) = (Vec::new(), Vec::new());
        for module in &tree.modules {
            // A parent always comes before its children.
            let declaration = module.parent.and_then(|parent| declaration(&items[parent], module.path.last()?));
            let mut own = module.parent.map_or_else(Vec::new, |parent| conditions[parent].clone());
            own.extend(declaration.map(|declaration| conditions_of(&declaration.attrs)).unwrap_or_default());
            let inside = match declaration.and_then(|declaration| declaration.content.clone()) {
                Some((_, items)) => items,
                None => match files.get(&module.file) {
                    Some(items) => items.clone(),
                    None => {
                        let text = repository.text(&module.file)?.unwrap_or_default();
                        let parsed = syn::parse_file(&text).map(|source| source.items).unwrap_or_default();
                        files.entry(module.file.clone()).or_insert(parsed).clone()
                    }
                },
            };
            items.push(inside.into_iter().filter(|item| !only_in_tests(attributes(item))).collect());
            conditions.push(own);
        }
        Ok(Self { tree, items, conditions })
    }

    /// The definition of a name in a module. There are several if conditions choose between them.
    pub(super) fn definitions<'l>(&'l self, module: ModuleId, name: &'l str) -> impl Iterator<Item = &'l Item> {
        self.items[module].iter().filter(move |item| defined_name(item).is_some_and(|found| found == name))
    }
}

fn declaration<'i>(items: &'i [Item], name: &str) -> Option<&'i syn::ItemMod> {
    items.iter().find_map(|item| match item {
        Item::Mod(module) if plain(&module.ident) == name => Some(module),
        _ => None,
    })
}

/// The name that other modules use for the item.
pub(super) fn defined_name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(plain(name))
}

/// The conditions of `#[cfg(..)]`.
pub(super) fn conditions_of(attributes: &[Attribute]) -> Vec<String> {
    let conditions = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    conditions.filter_map(|attribute| Some(one_line(attribute.meta.require_list().ok()?.tokens.span()))).collect()
}

/// Whether the documentation does not show the item.
pub(super) fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("doc") && list.tokens.to_string() == "hidden",
        _ => false,
    })
}

/// The source text of a syntax node in one line.
pub(super) fn text(node: &impl ToTokens) -> String {
    if node.to_token_stream().is_empty() { String::new() } else { one_line(node.span()) }
}

fn one_line(span: Span) -> String {
    let source = span.source_text().unwrap_or_default();
    let words: Vec<&str> = source.split_whitespace().collect();
    let mut line = words.join(" ");
    for (spread, closed) in
        [("( ", "("), (", )", ")"), (" )", ")"), ("< ", "<"), (", >", ">"), ("[ ", "["), (" ]", "]")]
    {
        line = line.replace(spread, closed);
    }
    line
}
