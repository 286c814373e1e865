//! Collects what the items of a module define, import and use.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, ItemFn, ItemMacro, ItemMod, ItemUse, Macro, Meta, TraitItemFn, VisRestricted};

use super::configuration::{attributes, only_in_tests};
use super::imports::{flatten, plain};
use super::tokens;
use super::tree::{Module, OUTSIDE, Path, Reference, ReferenceKind, TypeDefinition};

/// Attributes whose strings may be paths, and the keys of these strings.
const PATH_ATTRIBUTES: [&str; 3] = ["serde", "schemars", "cfg_attr"];
const PATH_KEYS: [&str; 9] = [
    "with",
    "default",
    "serialize_with",
    "deserialize_with",
    "skip_serializing_if",
    "schema_with",
    "from",
    "try_from",
    "into",
];

/// Adds one item (not a module) of `module`: the name that it defines and everything that it uses.
pub fn collect_item(module: &mut Module, item: &Item) {
    if let Some(name) = defined_name(item) {
        module.items.insert(name);
    }
    if matches!(item, Item::Macro(ItemMacro { ident: None, .. })) {
        module.generates_items = true;
    }
    Collector { module, bindings: Vec::new() }.visit_item(item);
}

fn defined_name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(plain(name))
}

/// The type that an item defines; `None` if it defines no type.
fn defined_type(item: &Item) -> Option<TypeDefinition> {
    let name = match item {
        Item::Enum(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(TypeDefinition { name: plain(name), line: name.span().start().line })
}

struct Collector<'m> {
    module: &'m mut Module,
    /// The local variables of the enclosing functions, which hide functions with the same name.
    bindings: Vec<HashSet<String>>,
}

impl Collector<'_> {
    fn refer(&mut self, path: Path, kind: ReferenceKind, line: usize) {
        self.module.references.push(Reference { path, kind, line });
    }

    fn refer_path(&mut self, path: &syn::Path, kind: ReferenceKind) {
        let outside = path.leading_colon.map(|_| OUTSIDE.to_owned());
        let names = outside.into_iter().chain(path.segments.iter().map(|segment| plain(&segment.ident))).collect();
        let line = path.segments.first().map_or(0, |segment| segment.ident.span().start().line);
        self.refer(names, kind, line);
    }

    fn is_local(&self, name: &syn::Ident) -> bool {
        let name = plain(name);
        self.bindings.iter().any(|bindings| bindings.contains(&name))
    }

    /// Runs `walk` while the names of `bindings` are hidden. Does nothing if the function exists in tests only.
    fn in_function(&mut self, attributes: &[Attribute], bindings: HashSet<String>, walk: impl FnOnce(&mut Self)) {
        if !only_in_tests(attributes) {
            self.bindings.push(bindings);
            walk(self);
            self.bindings.pop();
        }
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !only_in_tests(attributes(item)) {
            self.module.types.extend(defined_type(item));
            visit::visit_item(self, item);
        }
    }

    /// Modules are visited separately. A module inside a function is ignored.
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    fn visit_item_use(&mut self, declaration: &'ast ItemUse) {
        self.module.imports.extend(flatten(declaration));
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        let bindings = Bindings::of(|names| names.visit_item_fn(function));
        self.in_function(&function.attrs, bindings, |walk| visit::visit_item_fn(walk, function));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        let bindings = Bindings::of(|names| names.visit_impl_item_fn(function));
        self.in_function(&function.attrs, bindings, |walk| visit::visit_impl_item_fn(walk, function));
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        let bindings = Bindings::of(|names| names.visit_trait_item_fn(function));
        self.in_function(&function.attrs, bindings, |walk| visit::visit_trait_item_fn(walk, function));
    }

    fn visit_expr_path(&mut self, expression: &'ast syn::ExprPath) {
        if expression.path.get_ident().is_none_or(|name| !self.is_local(name)) {
            visit::visit_expr_path(self, expression);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.refer_path(path, ReferenceKind::Code);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.refer_path(&call.path, ReferenceKind::MacroCall);
        let types = tokens::types(call.tokens.clone()).into_iter();
        self.module.types.extend(types.map(|(name, line)| TypeDefinition { name, line }));
        for (path, line) in tokens::paths(call.tokens.clone()) {
            self.refer(path, ReferenceKind::Code, line);
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let Meta::List(list) = &attribute.meta else { return };
        if PATH_ATTRIBUTES.iter().any(|name| list.path.is_ident(name)) {
            for (path, line) in paths_in_strings(list.tokens.clone()) {
                self.refer(path, ReferenceKind::Attribute, line);
            }
        }
    }

    /// `pub(in path)` is not a use.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}
}

/// The paths given as `key = "path"` under [`PATH_KEYS`], at any depth.
fn paths_in_strings(stream: TokenStream) -> Vec<(Path, usize)> {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let inner = tokens.iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(paths_in_strings(group.stream())),
        _ => None,
    });
    let here = tokens.windows(3).filter_map(|window| match window {
        [TokenTree::Ident(key), TokenTree::Punct(equals), TokenTree::Literal(literal)]
            if equals.as_char() == '=' && PATH_KEYS.iter().any(|known| key == known) =>
        {
            let path = literal.to_string().trim_matches('"').split("::").map(str::to_owned).collect();
            Some((path, key.span().start().line))
        }
        _ => None,
    });
    here.chain(inner.flatten()).collect()
}

/// The names that patterns bind in a function.
struct Bindings(HashSet<String>);

impl Bindings {
    fn of(walk: impl FnOnce(&mut Self)) -> HashSet<String> {
        let mut bindings = Self(HashSet::new());
        walk(&mut bindings);
        bindings.0
    }
}

impl<'ast> Visit<'ast> for Bindings {
    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        let name = plain(&pattern.ident);
        if name.starts_with(char::is_lowercase) || name.starts_with('_') {
            self.0.insert(name);
        }
        visit::visit_pat_ident(self, pattern);
    }
}
