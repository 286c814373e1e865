//! What stands in an element without belonging there.

use super::element::element;
use crate::model::{Attribute, Element, Extra, Node};
use crate::xml::{Emit, Key, Name};

/// The unknown attributes of the element in hand.
pub(crate) fn attributes(out: &mut Emit, extra: &Extra) {
    each(out, &extra.attributes);
}

fn each(out: &mut Emit, attributes: &[Attribute]) {
    for attribute in attributes {
        out.attribute_named(&attribute.name, &attribute.value);
    }
}

/// The unknown elements of an element that were not written yet.
///
/// Among them are the unknown parts of children for which the model has no type of their own, under the child's name
/// (see [`Extra`]). They are written into that child when its turn comes: a second element of its name would confuse
/// readers, and might stand outside the namespace declarations that it needs.
pub(crate) struct Rest<'a>(Vec<&'a Element>);

impl<'a> Rest<'a> {
    pub(crate) fn of(extra: &'a Extra) -> Rest<'a> {
        Rest(extra.elements.iter().collect())
    }

    /// Starts a child, with the unknown parts of it if there are any: they have to be [closed](Rest::close) in it.
    /// `known` are the attributes that the model knows of it.
    pub(super) fn start(&mut self, out: &mut Emit, name: Name, known: &[(Key, Option<&str>)]) -> Rest<'a> {
        let found = self.0.iter().position(|element| is_part_of(element, name, known));
        let part = found.map(|index| self.0.remove(index));
        out.start(name);
        for (key, value) in known {
            out.attribute(*key, *value);
        }
        let Some(part) = part else { return Rest(Vec::new()) };
        each(out, &part.attributes);
        Rest(part.elements().collect())
    }

    /// Starts a child that only groups others.
    pub(crate) fn group(&mut self, out: &mut Emit, name: Name) -> Rest<'a> {
        self.start(out, name, &[])
    }

    /// Writes what is left.
    pub(crate) fn close(self, out: &mut Emit) {
        for left in self.0 {
            element(out, left);
        }
    }
}

/// Whether an unknown element holds only unknown parts of the child with this name; what holds more is a second child.
fn is_part_of(element: &Element, name: Name, known: &[(Key, Option<&str>)]) -> bool {
    let is_known =
        |attribute: &Attribute| known.iter().any(|(key, _)| attribute.name.eq_ignore_ascii_case(key.as_str()));
    element.local_name().eq_ignore_ascii_case(name.as_str())
        && !(element.attributes.is_empty() && element.children.is_empty())
        && !element.attributes.iter().any(is_known)
        && element.children.iter().all(|child| matches!(child, Node::Element(_)))
}
