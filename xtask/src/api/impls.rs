//! The lines about `impl` blocks of public types and traits.

use proc_macro2::TokenStream;
use syn::{ImplItem, Item, ItemImpl, Type};

use crate::modules::imports::plain;
use crate::modules::resolve::Target;
use crate::modules::tree::ModuleId;

use super::describe::{condition_text, words};
use super::library::{Library, is_hidden, text};
use super::paths::{Definition, Key, Public, is_public};

/// Public methods and constants of public types, the traits that they implement, and public traits that types of other
/// crates implement.
pub(super) fn lines(library: &Library, public: &Public) -> Vec<String> {
    let blocks = library.items.iter().enumerate().flat_map(|(module, items)| {
        items.iter().filter_map(move |item| match item {
            Item::Impl(block) => Some((module, block)),
            _ => None,
        })
    });
    blocks.flat_map(|(module, block)| of_block(library, public, module, block)).collect()
}

fn of_block(library: &Library, public: &Public, module: ModuleId, block: &ItemImpl) -> Vec<String> {
    let conditions = condition_text(&library.conditions[module], &block.attrs);
    let of_type = defined(library, module, &block.self_ty).and_then(|key| public.definition(&key));
    match (&block.trait_, of_type) {
        (None, Some(definition)) => inherent(&definition, block, &conditions),
        (Some((path, _)), Some(definition)) => {
            vec![format!("{}: impl{} {}{conditions}", definition.path, text(&block.generics), text(path))]
        }
        (Some((path, _)), None) => {
            let key = key_of(library, module, path);
            let of_trait = key.and_then(|key| public.definition(&key));
            let line = |definition: Definition<'_>| {
                format!("{}: impl{} for {}{conditions}", definition.path, text(&block.generics), text(&*block.self_ty))
            };
            of_trait.map(line).into_iter().collect()
        }
        (None, None) => Vec::new(),
    }
}

fn inherent(definition: &Definition<'_>, block: &ItemImpl, conditions: &str) -> Vec<String> {
    let path = definition.path;
    let lines = |item: &ImplItem| match item {
        ImplItem::Fn(item) if is_public(&item.vis) && !is_hidden(&item.attrs) => {
            let own = condition_text(&[], &item.attrs);
            vec![format!("{path}::{}: {}{conditions}{own}", plain(&item.sig.ident), text(&item.sig))]
        }
        ImplItem::Const(item) if is_public(&item.vis) => {
            vec![format!("{path}::{}: const {}{conditions}", plain(&item.ident), text(&item.ty))]
        }
        ImplItem::Macro(call) => {
            let maker = text(&call.mac.path);
            let made = made_by(&call.mac.tokens);
            made.into_iter().map(|item| format!("{path}: {maker}! {item}{conditions}")).collect()
        }
        _ => Vec::new(),
    };
    block.items.iter().flat_map(lines).collect()
}

/// What a macro call inside a block makes: its tokens, without documentation, cut at each `;`.
fn made_by(tokens: &TokenStream) -> Vec<String> {
    let words = words(tokens.clone());
    let items = words.split(|word| word == ";").filter(|item| !item.is_empty());
    items.map(|item| item.join(" ")).collect()
}

/// Where the type is defined, without references.
fn defined(library: &Library, module: ModuleId, of: &Type) -> Option<Key> {
    match of {
        Type::Path(path) => key_of(library, module, &path.path),
        Type::Reference(reference) => defined(library, module, &reference.elem),
        _ => None,
    }
}

fn key_of(library: &Library, module: ModuleId, path: &syn::Path) -> Option<Key> {
    let names: Vec<String> = path.segments.iter().map(|segment| plain(&segment.ident)).collect();
    let name = names.last()?.clone();
    library.tree.resolve(module, &names).into_iter().find_map(|target| match target {
        Target::Item(module) => Some((module, name.clone())),
        _ => None,
    })
}
