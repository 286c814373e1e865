//! Decides which code exists outside of tests.

use syn::punctuated::Punctuated;
use syn::{Attribute, Item, Meta, Token};

/// Whether these attributes restrict the item to test builds: `#[cfg(test)]`, `#[test]`, `#[tokio::test]`.
///
/// A condition that can be true without `test`, such as `any(test, feature = "contract")`, does not.
pub fn only_in_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| is_test_marker(attribute) || !can_hold_without_test(attribute))
}

/// Whether the attribute marks a test function.
pub fn is_test_marker(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == "test")
}

fn can_hold_without_test(attribute: &Attribute) -> bool {
    if !attribute.path().is_ident("cfg") {
        return true;
    }
    attribute.parse_args::<Meta>().map_or(true, |condition| may_hold(&condition))
}

/// Whether the condition may be true if `test` is off and all other options are unknown.
fn may_hold(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => !path.is_ident("test") && !path.is_ident("doctest"),
        Meta::List(list) if list.path.is_ident("not") => true,
        Meta::List(list) => {
            let Ok(parts) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else { return true };
            if list.path.is_ident("any") { parts.iter().any(may_hold) } else { parts.iter().all(may_hold) }
        }
        _ => true,
    }
}

/// The attributes of an item of any kind; empty for kinds without attributes.
pub fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_only_in_tests(source: &str, expected: bool) {
        let item: Item = syn::parse_str(source).expect("the case is Rust");
        assert_eq!(only_in_tests(attributes(&item)), expected, "{source}");
    }

    #[test]
    fn knows_conditions_that_need_a_test_build() {
        check_only_in_tests("#[cfg(test)] mod tests;", true);
        check_only_in_tests("#[cfg(all(test, unix))] mod tests;", true);
        check_only_in_tests("#[tokio::test] async fn waits() {}", true);
        check_only_in_tests("#[cfg(any(test, feature = \"contract\"))] mod contract;", false);
        check_only_in_tests("#[cfg(not(test))] mod real;", false);
        check_only_in_tests("#[cfg(feature = \"json\")] mod wire;", false);
        check_only_in_tests("pub fn parse() {}", false);
    }
}
