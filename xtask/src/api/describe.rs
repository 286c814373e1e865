//! The lines about one definition: itself, and its fields, variants and methods.

use syn::{Attribute, Fields, Item, TraitItem};

use crate::modules::configuration::attributes;
use crate::modules::imports::plain;

use super::library::{Library, conditions_of, is_hidden, text};
use super::paths::{Definition, is_public};

/// The lines about a definition. A definition that a macro call made is listed as the call.
pub(super) fn lines(library: &Library, definition: &Definition<'_>) -> Vec<String> {
    let (module, name) = definition.key;
    let path = definition.path;
    let mut lines: Vec<String> = library
        .definitions(*module, name)
        .flat_map(|item| {
            let conditions = condition_text(definition.conditions, attributes(item));
            of_item(path, item).into_iter().map(move |line| line + &conditions)
        })
        .collect();
    if lines.is_empty() {
        lines.push(format!("{path}: made by {}", maker(library, *module, name)));
    }
    lines
}

/// ` [feature = "json"]`, or nothing.
pub(super) fn condition_text(outer: &[String], attributes: &[Attribute]) -> String {
    let conditions: Vec<String> = outer.iter().cloned().chain(conditions_of(attributes)).collect();
    if conditions.is_empty() { String::new() } else { format!(" [{}]", conditions.join(", ")) }
}

fn of_item(path: &str, item: &Item) -> Vec<String> {
    match item {
        Item::Const(item) => vec![format!("{path}: const {}", text(&item.ty))],
        Item::Static(item) => vec![format!("{path}: static {}", text(&item.ty))],
        Item::Fn(item) => vec![format!("{path}: {}", text(&item.sig))],
        Item::Type(item) => vec![format!("{path}: type{} = {}", text(&item.generics), text(&item.ty))],
        Item::Macro(_) => vec![format!("{path}: macro")],
        Item::Struct(item) => {
            let open = if item.fields.iter().all(|field| is_public(&field.vis)) { "" } else { ", private fields" };
            let head = format!("{path}: struct{}{}{open}", text(&item.generics), traits(&item.attrs));
            std::iter::once(head).chain(fields(path, &item.fields)).collect()
        }
        Item::Enum(item) => {
            let head = format!("{path}: enum{}{}", text(&item.generics), traits(&item.attrs));
            let variants = item.variants.iter().filter(|variant| !is_hidden(&variant.attrs));
            std::iter::once(head).chain(variants.map(|variant| of_variant(path, variant))).collect()
        }
        Item::Trait(item) => {
            let supertraits = text(&item.supertraits);
            let colon = if supertraits.is_empty() { "" } else { ": " };
            let head = format!("{path}: trait{}{colon}{supertraits}", text(&item.generics));
            std::iter::once(head).chain(item.items.iter().filter_map(|inner| of_trait_item(path, inner))).collect()
        }
        _ => vec![path.to_owned()],
    }
}

/// The derived traits, and `#[non_exhaustive]`.
fn traits(attributes: &[Attribute]) -> String {
    let mut words = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident("derive") || attribute.path().is_ident("cfg_attr") {
            words.push(text(&attribute.meta));
        } else if attribute.path().is_ident("non_exhaustive") {
            words.push("non_exhaustive".to_owned());
        }
    }
    words.sort();
    if words.is_empty() { String::new() } else { format!(" {}", words.join(" ")) }
}

fn fields(path: &str, fields: &Fields) -> Vec<String> {
    let public = fields.iter().enumerate().filter(|(_, field)| is_public(&field.vis) && !is_hidden(&field.attrs));
    let line = |(index, field): (usize, &syn::Field)| {
        let name = field.ident.as_ref().map_or_else(|| index.to_string(), plain);
        format!("{path}::{name}: {}{}", text(&field.ty), condition_text(&[], &field.attrs))
    };
    public.map(line).collect()
}

fn of_variant(path: &str, variant: &syn::Variant) -> String {
    let shown: Vec<String> = variant
        .fields
        .iter()
        .map(|field| match &field.ident {
            Some(name) => format!("{}: {}", plain(name), text(&field.ty)),
            None => text(&field.ty),
        })
        .collect();
    let shown = match &variant.fields {
        Fields::Named(_) => format!(" {{ {} }}", shown.join(", ")),
        Fields::Unnamed(_) => format!("({})", shown.join(", ")),
        Fields::Unit => String::new(),
    };
    format!("{path}::{}: variant{shown}{}", variant.ident, traits(&variant.attrs))
}

fn of_trait_item(path: &str, item: &TraitItem) -> Option<String> {
    match item {
        TraitItem::Fn(item) => {
            let provided = if item.default.is_some() { " { provided }" } else { "" };
            Some(format!("{path}::{}: {}{provided}", plain(&item.sig.ident), text(&item.sig)))
        }
        TraitItem::Type(item) => Some(format!("{path}::{}: type", plain(&item.ident))),
        TraitItem::Const(item) => Some(format!("{path}::{}: const {}", plain(&item.ident), text(&item.ty))),
        _ => None,
    }
}

/// The macro calls that may define the name, with their tokens: those that contain the name, otherwise all of the module.
fn maker(library: &Library, module: usize, name: &str) -> String {
    let calls = library.items[module].iter().filter_map(|item| match item {
        Item::Macro(call) if call.ident.is_none() => Some((text(&call.mac.path), words(call.mac.tokens.clone()))),
        _ => None,
    });
    let calls: Vec<(String, Vec<String>)> = calls.collect();
    let naming = calls.iter().filter(|(_, words)| words.iter().any(|word| word == name)).count();
    let chosen = calls.iter().filter(|(_, words)| naming == 0 || words.iter().any(|word| word == name));
    let shown: Vec<String> = chosen.map(|(called, words)| format!("{called}! {{ {} }}", words.join(" "))).collect();
    shown.join(" or ")
}

/// The tokens as words, without attributes.
pub(super) fn words(stream: proc_macro2::TokenStream) -> Vec<String> {
    let mut words = Vec::new();
    let mut tokens = stream.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            proc_macro2::TokenTree::Punct(mark) if mark.as_char() == '#' => {
                tokens.next();
            }
            proc_macro2::TokenTree::Group(group) => words.extend(self::words(group.stream())),
            other => words.push(other.to_string()),
        }
    }
    words
}
