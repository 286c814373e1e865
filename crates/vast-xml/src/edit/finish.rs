//! [`Editor::finish`]: builds the changed text.

use super::content;
use super::editor::Editor;
use super::layer::LayerText;
use super::new_element::cdata;
use super::node::{EditNode, ElementId, Ending, Extent, NodeOrigin};
use super::splice::{Splice, applied, in_order, joined};
use super::tag;
use crate::xml::declared;
use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

/// Longer indentations are not repeated, because a hostile document could use them to make the text very long.
const LONGEST_INDENTATION: usize = 256;

/// The blanks between elements.
struct Layout {
    /// The blanks before an element.
    before: String,
    /// The blanks that are added for each level of nesting.
    step: String,
}

impl Layout {
    /// The layout of the elements one level deeper. Elements on one line stay on one line.
    fn inside(&self) -> Layout {
        let before = if self.has_lines() { format!("{}{}", self.before, self.step) } else { String::new() };
        Layout { before, step: self.step.clone() }
    }

    fn has_lines(&self) -> bool {
        self.before.contains('\n')
    }
}

impl Editor {
    /// The changed text. Like [`source_text`](super::source_text), it is UTF-8 without a byte order mark, and an XML
    /// declaration with another encoding is changed to UTF-8. Every other byte stays the same unless an edit changed
    /// it.
    pub fn finish(&self) -> String {
        let layers = &self.elements.layers;
        let mut splices: Vec<Vec<Splice>> = layers.iter().map(|_| Vec::new()).collect();
        splices[0].extend(encoding(&layers[0].text));
        let replaced = self.replaced();
        for (index, node) in self.elements.nodes.iter().enumerate() {
            if let NodeOrigin::Read(extent) = &node.origin
                && !replaced.contains(&ElementId(index))
            {
                self.collect(ElementId(index), node, extent, &mut splices[extent.layer]);
            }
        }
        for (index, layer) in layers.iter().enumerate().skip(1).rev() {
            let own = joined(in_order(std::mem::take(&mut splices[index])));
            if let (LayerText { within: Some(within), .. }, false) = (layer, own.is_empty()) {
                let outer = &layers[within.layer].text;
                splices[within.layer].extend(layer.translated(outer, within, &own));
            }
        }
        applied(&layers[0].text, &in_order(std::mem::take(&mut splices[0])))
    }

    /// The elements that were read and have another one in their place.
    fn replaced(&self) -> HashSet<ElementId> {
        let origins = self.elements.nodes.iter().filter(|node| !node.is_removed).map(|node| &node.origin);
        let replaced = origins.filter_map(|origin| match origin {
            NodeOrigin::Inserted { replaces, .. } => *replaces,
            NodeOrigin::Read(_) => None,
        });
        replaced.collect()
    }

    /// Adds to `splices` the changes of the text for one element.
    fn collect(&self, id: ElementId, node: &EditNode, extent: &Extent, splices: &mut Vec<Splice>) {
        let text = &self.elements.layers[extent.layer].text;
        if node.is_removed {
            // A new text of the parent replaces everything in it.
            if let Some(range) = extent.range().filter(|_| !self.has_new_text(node.parent)) {
                // What stands behind a document that is written as text would be read as the document.
                let is_document = node.parent.is_some_and(|parent| self.is_around(parent, id));
                let whole = blanks_before(text, range.start)..range.end;
                splices.push(removal(text, if is_document { 0..text.len() } else { whole }));
            }
            return;
        }
        if let Some(change) = &extent.change {
            splices.extend(tag::changes(text, extent, &change.attributes));
            if let Some(new) = &change.text {
                splices.extend(self.changed_text(text, extent, new));
            }
        }
        self.insertions(id, extent, splices);
    }

    fn has_new_text(&self, element: Option<ElementId>) -> bool {
        let origin = element.map(|id| &self.elements.nodes[id.0].origin);
        let Some(NodeOrigin::Read(extent)) = origin else { return false };
        extent.change.as_ref().is_some_and(|change| change.text.is_some())
    }

    fn changed_text(&self, text: &str, extent: &Extent, new: &str) -> Option<Splice> {
        match extent.ending {
            Ending::Tag(..) => Some(content::change(text, extent.content()?, new)),
            Ending::Empty if !new.is_empty() => Some(opened(text, extent, &cdata(new))),
            Ending::Empty | Ending::Missing => None,
        }
    }

    /// Adds the insertions for the new children of an element.
    fn insertions(&self, id: ElementId, extent: &Extent, splices: &mut Vec<Splice>) {
        let is_new = |child: ElementId| matches!(self.elements.nodes[child.0].origin, NodeOrigin::Inserted { .. });
        if !self.children(id).any(is_new) {
            return;
        }
        let text = &self.elements.layers[extent.layer].text;
        let mut layout = self.layout_in(id, extent);
        if extent.ending == Ending::Empty {
            let inside: String = self.children(id).map(|child| self.rendered(child, &layout, true)).collect();
            let end = if layout.has_lines() { indentation(text, extent.tag.start) } else { Cow::Borrowed("") };
            splices.push(opened(text, extent, &(inside + &end)));
            return;
        }
        let mut at = extent.tag.end;
        for child in self.children(id) {
            match &self.elements.nodes[child.0].origin {
                NodeOrigin::Read(extent) => {
                    at = extent.range().map_or(at, |range| range.end);
                    layout.before = indentation(text, extent.tag.start).into_owned();
                }
                NodeOrigin::Inserted { replaces: Some(old), .. } => {
                    let NodeOrigin::Read(old) = &self.elements.nodes[old.0].origin else { continue };
                    let Some(range) = old.range() else { continue };
                    layout.before = indentation(text, range.start).into_owned();
                    at = range.end;
                    splices.push(Splice { range, text: self.rendered(child, &layout, false) });
                }
                NodeOrigin::Inserted { replaces: None, .. } => {
                    splices.push(Splice::insertion(at, self.rendered(child, &layout, true)));
                }
            }
        }
    }

    /// The layout of the children of an element that was read. It is the layout of the first child that was read.
    /// Without such a child, it is the indentation of the element plus one step.
    fn layout_in(&self, id: ElementId, extent: &Extent) -> Layout {
        let text = &self.elements.layers[extent.layer].text;
        let own = indentation(text, extent.tag.start);
        let around = self.parent(id).and_then(|parent| match &self.elements.nodes[parent.0].origin {
            NodeOrigin::Read(around) if around.layer == extent.layer => Some(indentation(text, around.tag.start)),
            _ => None,
        });
        let step = around.and_then(|around| own.strip_prefix(&*around).map(str::to_owned));
        let step = step.filter(|step| !step.is_empty() && !step.contains('\n')).unwrap_or_else(|| "  ".to_owned());
        let first = self.children(id).find_map(|child| match &self.elements.nodes[child.0].origin {
            NodeOrigin::Read(first) => Some(indentation(text, first.tag.start)),
            NodeOrigin::Inserted { .. } => None,
        });
        // If the content of the element has no line breaks, none are added. Removing the inserted element then gives
        // the same text again.
        let is_closed_up = extent.content().is_some_and(|content| !text[content].contains('\n'));
        let before = match first {
            Some(first) => first.into_owned(),
            None if is_closed_up || !own.contains('\n') => String::new(),
            None => format!("{own}{step}"),
        };
        Layout { before, step }
    }

    /// An inserted element as text. `has_blanks` says whether the blanks before it are included.
    fn rendered(&self, id: ElementId, layout: &Layout, has_blanks: bool) -> String {
        let node = &self.elements.nodes[id.0];
        let NodeOrigin::Inserted { element, .. } = &node.origin else { return String::new() };
        let before = if has_blanks { &*layout.before } else { "" };
        let tag = element.tag(&element.name);
        let inside = layout.inside();
        let children: String = self.children(id).map(|child| self.rendered(child, &inside, true)).collect();
        if children.is_empty() && element.content.is_empty() {
            return format!("{before}{tag}/>");
        }
        let end = if children.is_empty() || !layout.has_lines() { "" } else { &*layout.before };
        format!("{before}{tag}>{}{children}{end}</{}>", element.content, element.name)
    }
}

/// The change of the encoding in the XML declaration to UTF-8; `None` if no change is needed.
fn encoding(text: &str) -> Option<Splice> {
    let range = declared(text.as_bytes())?;
    let is_other = !text[range.clone()].eq_ignore_ascii_case("utf-8");
    is_other.then(|| Splice { range, text: "UTF-8".to_owned() })
}

/// The change that adds content to an element that is written as `<x/>`.
fn opened(text: &str, extent: &Extent, content: &str) -> Splice {
    let end = extent.tag.end;
    let slash = end - "/>".len();
    Splice { range: slash..end, text: format!(">{content}</{}>", &text[extent.name.clone()]) }
}

/// The change that removes a range. An ampersand before it that begins no reference is escaped, because it could begin one together
/// with the text behind the range, such as that of a `<`.
fn removal(text: &str, range: Range<usize>) -> Splice {
    let before = &text[..range.start];
    let name = before.trim_end_matches(|character: char| character.is_ascii_alphanumeric() || character == '#').len();
    match before[..name].strip_suffix('&') {
        Some(kept) => Splice { range: kept.len()..range.end, text: format!("&amp;{}", &before[name..]) },
        None => Splice { range, text: String::new() },
    }
}

/// The start of the blanks before the byte `at`.
fn blanks_before(text: &str, at: usize) -> usize {
    text[..at].trim_end_matches([' ', '\t', '\r', '\n']).len()
}

/// The blanks before the byte `at`, from the last line break on. Without a line break, it is all blanks directly before
/// that byte, but none at the beginning of the text, where they say nothing about its layout.
fn indentation(text: &str, at: usize) -> Cow<'_, str> {
    let start = blanks_before(text, at);
    let blanks = &text[start..at];
    let line = match blanks.rfind('\n') {
        Some(end) if blanks[..end].ends_with('\r') => &blanks[end - 1..],
        Some(end) => &blanks[end..],
        None if start == 0 => "",
        None => blanks,
    };
    match (line.len() > LONGEST_INDENTATION, line.contains('\n')) {
        (false, _) => Cow::Borrowed(line),
        (true, true) => Cow::Borrowed("\n"),
        (true, false) => Cow::Borrowed(""),
    }
}
