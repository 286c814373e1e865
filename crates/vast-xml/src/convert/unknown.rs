//! Removes or moves attributes and elements that the standard does not have at their place.

use super::change::ChangeKind;
use super::walk::Walk;
use crate::attributes::Attributed;
use crate::model::NAMESPACE;
use crate::model::{Attribute, Element, Extension, Extra, Node};
use crate::xml::{Key, Name};

/// Attributes that the VAST CTV Addendum 2024 adds to every version. `Icon@regs` says whether a law requires the icon.
const OF_ADDENDUM: &[(Name, &str)] = &[(Name::Icon, "regs")];

/// Drops the attributes and unknown parts that the version does not have, for an element without known child elements.
pub(super) fn plain(walk: &mut Walk, part: &mut impl Attributed) {
    walk.attributes(part);
    unknown(walk, part.extra_mut());
}

/// Drops the unknown parts of the element. Namespace declarations with a prefix stay, because extensions may need them.
pub(super) fn unknown(walk: &mut Walk, extra: &mut Extra) {
    if extra.is_empty() {
        return;
    }
    let attributes = std::mem::take(&mut extra.attributes);
    extra.attributes = attributes.into_iter().filter(|attribute| stays(walk, attribute)).collect();
    for element in std::mem::take(&mut extra.elements) {
        walk.note_element(&element.name, ChangeKind::Dropped);
    }
    for child in &mut extra.children {
        if has_unknown(&child.extra) {
            walk.note_element(&child.name, ChangeKind::Dropped);
        }
        keep_declarations(&mut child.extra);
    }
    extra.children.retain(|child| !child.extra.is_empty());
}

/// Whether there are unknown parts other than namespace declarations with a prefix.
fn has_unknown(extra: &Extra) -> bool {
    extra.attributes.iter().any(|attribute| !is_declaration(attribute))
        || !extra.elements.is_empty()
        || extra.children.iter().any(|child| has_unknown(&child.extra))
}

fn keep_declarations(extra: &mut Extra) {
    extra.attributes.retain(is_declaration);
    extra.elements.clear();
    extra.children.iter_mut().for_each(|child| keep_declarations(&mut child.extra));
    extra.children.retain(|child| !child.extra.is_empty());
}

fn is_declaration(attribute: &Attribute) -> bool {
    attribute.name.starts_with("xmlns:")
}

fn stays(walk: &mut Walk, attribute: &Attribute) -> bool {
    // In 4.0 the id is both the text and `@idValue`. The model has no field for the attribute, so it is among the unknown ones.
    let is_id_value = attribute.name == *Key::IdValue.as_str() && walk.has(Key::IdValue);
    let is_of_addendum = OF_ADDENDUM.iter().any(|(name, key)| walk.name() == *name && attribute.name == **key);
    if is_id_value || is_of_addendum || is_declaration(attribute) {
        return true;
    }
    if !(attribute.name == *"xmlns" && attribute.value == *NAMESPACE) {
        walk.note_attribute(&attribute.name, ChangeKind::Dropped);
    }
    false
}

/// Moves elements with names that are in no version from an ad's [`Extra`] to its extensions.
pub(super) fn to_extensions(walk: &mut Walk, extra: &mut Extra, extensions: &mut Vec<Extension>) {
    if extra.elements.is_empty() {
        return;
    }
    let (foreign, own): (Vec<_>, Vec<_>) = std::mem::take(&mut extra.elements).into_iter().partition(is_foreign);
    extra.elements = own;
    for element in foreign {
        walk.note_element(&element.name, ChangeKind::Moved { extension: String::new() });
        let children = vec![Node::Element(element)];
        let element = Element { name: Name::Extension.as_str().into(), attributes: Vec::new(), children };
        extensions.push(Extension { extension_type: None, element });
    }
}

fn is_foreign(element: &Element) -> bool {
    Name::find(element.local_name()).0 == Name::Unknown
}
