//! What the standard does not know at a place: kept, and complained about. And how the document wrote what it does know.

use super::extension::element;
use crate::WarningCode;
use crate::model::{self, Element, Extra, Layout, Node};
use crate::xml::{Attribute, Cursor, Name, Parsed, clipped};

/// Keeps an attribute that no handler wanted. Namespaced ones and declarations are nobody's mistake.
pub(crate) fn keep<'a>(cursor: &mut Cursor<'a>, attribute: &Attribute<'a>, extra: &mut Extra) -> Parsed<()> {
    if !(attribute.name.contains(':') || attribute.name == "xmlns") {
        let message = format!("@{} is unknown at <{}>", clipped(attribute.name), clipped(cursor.tag_name()));
        cursor.warn_at(WarningCode::UnknownAttribute, message, cursor.range_of(attribute.name).start)?;
    }
    keep_silently(cursor, attribute, extra);
    Ok(())
}

/// Keeps an attribute that was complained about.
pub(super) fn keep_silently<'a>(cursor: &mut Cursor<'a>, attribute: &Attribute<'a>, extra: &mut Extra) {
    cursor.kept();
    extra.attributes.push(as_written(cursor, attribute));
}

/// The attribute for an [`Extra`] or an element tree.
fn as_written<'a>(cursor: &Cursor<'a>, attribute: &Attribute<'a>) -> model::Attribute {
    let name = cursor.text_of(cursor.range_of(attribute.name));
    model::Attribute { name, value: cursor.exact_value(attribute) }
}

/// Keeps an element that no handler wanted.
pub(crate) fn unknown(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<()> {
    cursor.warn(WarningCode::UnknownElement, format!("<{}> is unknown here", clipped(cursor.tag_name())))?;
    keep_element(cursor, extra)
}

/// Keeps a second element of a kind of which there may be one.
pub(crate) fn duplicate(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<()> {
    cursor.warn(WarningCode::DuplicateElement, format!("<{}> stands again", clipped(cursor.tag_name())))?;
    keep_element(cursor, extra)
}

/// Keeps the element in hand as it stands.
pub(super) fn keep_element(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<()> {
    cursor.as_it_stands(Name::Unknown);
    let element = element(cursor)?;
    extra.elements.push(element);
    Ok(())
}

/// Keeps the element that began at `start` and was just read, because nothing came of it: an impression without a URL, a
/// text that is blank, a number that is none. Questions to the model do not see it.
pub(crate) fn keep_in_vain(cursor: &mut Cursor<'_>, start: usize, extra: &mut Extra) -> Parsed<()> {
    let element = element_again(cursor, start..cursor.offset())?;
    cursor.set_aside();
    extra.elements.push(element);
    Ok(())
}

/// An element that was read before, as it stands.
pub(super) fn element_again(cursor: &mut Cursor<'_>, range: std::ops::Range<usize>) -> Parsed<Element> {
    cursor.again(range, |cursor| {
        cursor.child()?;
        element(cursor)
    })
}

/// Notes how the part just read is written, if the writer would write it otherwise. The last thing that the handler of
/// every part with an [`Extra`] does.
pub(crate) fn close(cursor: &mut Cursor<'_>, extra: &mut Extra) {
    if let Some(recorded) = cursor.recorded() {
        extra.layout = Layout { script: recorded.script, texts: recorded.texts };
    }
}

/// The unknown parts of an element that has no [`Extra`] of its own.
pub(crate) struct Residue<'a> {
    name: &'a str,
    pub(crate) extra: Extra,
}

impl<'a> Residue<'a> {
    /// Of the element in hand.
    pub(crate) fn of(cursor: &Cursor<'a>) -> Residue<'a> {
        Residue { name: cursor.tag_name(), extra: Extra::default() }
    }

    /// Puts what there is into the extra of the element around it, under the own name.
    pub(crate) fn close(mut self, cursor: &mut Cursor<'a>, outer: &mut Extra) {
        if self.extra.is_empty() {
            return;
        }
        let name = cursor.text_of(cursor.range_of(self.name));
        let attributes = std::mem::take(&mut self.extra.attributes);
        let children = std::mem::take(&mut self.extra.elements).into_iter().map(Node::Element).collect();
        outer.elements.push(Element { name, attributes, children });
        cursor.set_aside_rest();
    }
}

/// Reads an element that only groups others: `each` is given every child and the place for the unknown ones.
pub(crate) fn container<'a>(
    cursor: &mut Cursor<'a>,
    outer: &mut Extra,
    mut each: impl FnMut(&mut Cursor<'a>, Name, &mut Extra) -> Parsed<()>,
) -> Parsed<()> {
    let mut residue = Residue::of(cursor);
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, &attribute, &mut residue.extra)?;
    }
    while let Some(child) = cursor.child()? {
        each(cursor, child, &mut residue.extra)?;
    }
    residue.close(cursor, outer);
    Ok(())
}
