//! XML as it stands.

use crate::model::{Element, Node};
use crate::xml::Emit;

/// Writes an element tree exactly.
pub(super) fn element(out: &mut Emit, tree: &Element) {
    out.start_named(&tree.name);
    attributes(out, tree);
    content(out, tree);
}

/// The attributes of an element tree, which was started.
pub(super) fn attributes(out: &mut Emit, tree: &Element) {
    for attribute in &tree.attributes {
        out.attribute_named(&attribute.name, &attribute.value);
    }
}

/// The rest of an element tree.
pub(super) fn content(out: &mut Emit, tree: &Element) {
    out.keep_layout();
    for child in &tree.children {
        match child {
            Node::Element(child) => element(out, child),
            Node::Text(text) => out.characters(text),
            Node::CData(text) => out.cdata(text),
            Node::Comment(text) => out.comment(text),
        }
    }
    out.end();
}
