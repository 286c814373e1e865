//! Keeps parts that the standard does not have at their place, with a warning.

use super::extension::element;
use crate::attributes::keep;
use crate::model::{Element, Extra, Node};
use crate::warning::WarningCode;
use crate::xml::{Cursor, Name, Parsed, clipped};

/// Keeps an element for which the model has no field. If the standard has it at another place of the ad, the ad is read again
/// with the element there.
pub(crate) fn unknown(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<()> {
    cursor.remember_misplaced();
    cursor.warn(WarningCode::UnknownElement, format!("<{}> is unknown here", clipped(cursor.tag_name())))?;
    keep_element(cursor, extra)
}

/// Keeps a repeated element where the standard allows only one.
pub(crate) fn duplicate(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<()> {
    cursor.warn(WarningCode::DuplicateElement, format!("<{}> stands again", clipped(cursor.tag_name())))?;
    keep_element(cursor, extra)
}

/// Keeps the second ad of one kind in a creative. The ad is read again with a separate creative for it.
pub(crate) fn repeated(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<()> {
    cursor.remember_misplaced();
    duplicate(cursor, extra)
}

/// Keeps the element whose start tag was just read, unchanged.
pub(super) fn keep_element(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<()> {
    let element = element(cursor)?;
    extra.elements.push(element);
    Ok(())
}

/// Keeps the element that began at `start` and was just read to its end, because it has no usable value: an impression
/// without a URL, a blank text, an invalid number. No other field of the model contains it.
pub(crate) fn keep_unusable(cursor: &mut Cursor<'_>, start: usize, extra: &mut Extra) -> Parsed<()> {
    let element = element_again(cursor, start..cursor.offset())?;
    extra.elements.push(element);
    Ok(())
}

/// Reads an element a second time, as an element tree.
pub(super) fn element_again(cursor: &mut Cursor<'_>, range: std::ops::Range<usize>) -> Parsed<Element> {
    cursor.again(range, |cursor| {
        cursor.child()?;
        element(cursor)
    })
}

/// Keeps the unknown parts of a child that has no [`Extra`]. The unknown parts of several groups with one name are joined,
/// but when two groups have the same attribute, the second becomes a separate unknown element.
pub(crate) fn keep_of_child(outer: &mut Extra, name: Name, index: usize, mut unknown: Extra) {
    if unknown.is_empty() {
        return;
    }
    let there = outer.of_child(name.as_str(), index);
    let is_attribute_there = |attribute: &crate::model::Attribute| {
        there.is_some_and(|there| there.attributes.iter().any(|other| other.name.eq_ignore_ascii_case(&attribute.name)))
    };
    if unknown.attributes.iter().any(is_attribute_there) {
        return outer.elements.push(as_element(name.as_str(), unknown));
    }
    let there = outer.of_child_mut(name.as_str(), index);
    there.attributes.append(&mut unknown.attributes);
    there.elements.append(&mut unknown.elements);
    for child in std::mem::take(&mut unknown.children) {
        keep_of_child(there, Name::find(&child.name).0, child.index, child.extra);
    }
}

/// An element that contains only these unknown parts.
pub(super) fn as_element(name: &str, mut unknown: Extra) -> Element {
    let attributes = std::mem::take(&mut unknown.attributes);
    let children = std::mem::take(&mut unknown.children).into_iter().map(|one| as_element(&one.name, one.extra));
    let elements = std::mem::take(&mut unknown.elements);
    let children = children.chain(elements).map(Node::Element).collect();
    Element { name: name.into(), attributes, children }
}

/// Reads an element that only groups others. `each` gets every child, and the [`Extra`] for the unknown ones.
pub(crate) fn container<'a>(
    cursor: &mut Cursor<'a>,
    outer: &mut Extra,
    mut each: impl FnMut(&mut Cursor<'a>, Name, &mut Extra) -> Parsed<()>,
) -> Parsed<()> {
    let name = cursor.name();
    let mut unknown = Extra::default();
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, attribute, &mut unknown)?;
    }
    while let Some(child) = cursor.child()? {
        each(cursor, child, &mut unknown)?;
    }
    keep_of_child(outer, name, 0, unknown);
    Ok(())
}
