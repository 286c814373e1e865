//! Element trees, `Extensions` and `CreativeExtensions` (VAST 4.3, sections 3.18 and 3.7.2).

use super::list::added;
use crate::attributes::is_stand_in;
use crate::model::{self, Element, Extension, Node};
use crate::text::Text;
use crate::xml::{Cursor, Markup, Name, Parsed, trim, with_line_feeds};
use std::ops::Range;

/// Reads the current element with everything in it.
pub(super) fn element(cursor: &mut Cursor<'_>) -> Parsed<Element> {
    let mut element = Element::default();
    element_into(cursor, &mut element)?;
    Ok(element)
}

/// Like [`element`], but reads an element in its place: one that is returned is copied several times.
fn element_into(cursor: &mut Cursor<'_>, element: &mut Element) -> Parsed<()> {
    element.name = cursor.text_of(cursor.range_of(cursor.tag_name()));
    element.attributes = Vec::with_capacity(cursor.plain_attributes());
    while let Some(attribute) = cursor.raw_attribute()? {
        if !is_stand_in(cursor.name_of(attribute), cursor.raw_of(attribute)) {
            let name = cursor.text_of(cursor.range_of(cursor.name_of(attribute)));
            element.attributes.push(model::Attribute { name, value: cursor.exact_value(attribute) });
        }
    }
    if let Some((range, is_section)) = cursor.whole_node() {
        // Most elements have one text, and `push` alone would reserve room for four parts.
        element.children = match (is_section, range.is_empty()) {
            (true, _) => vec![Node::CData(cursor.text_of(range))],
            (false, false) => vec![Node::Text(cursor.text_of(range))],
            (false, true) => Vec::new(),
        };
        return Ok(());
    }
    content_into(cursor, &mut element.children)
}

/// Reads content of any form up to the end of the current element.
fn content_into(cursor: &mut Cursor<'_>, children: &mut Vec<Node>) -> Parsed<()> {
    let mut text = Run::default();
    loop {
        let part = cursor.markup()?;
        text.end_before(cursor, &part, children);
        match part {
            Markup::Child => {
                children.push(Node::Element(Element::default()));
                if let Some(Node::Element(child)) = children.last_mut() {
                    element_into(cursor, child)?;
                }
            }
            Markup::Text(range) => text.push(cursor, range)?,
            Markup::Character(character) => text.decoded(cursor, character)?,
            Markup::CData(range) => {
                cursor.bound_text(range.len())?;
                children.push(Node::CData(cursor.characters_of(range)));
            }
            Markup::Comment(range) => children.push(Node::Comment(cursor.characters_of(range))),
            Markup::End => return Ok(()),
        }
    }
}

/// Adjacent pieces of text, joined. References and ampersands without a reference divide a text.
#[derive(Default)]
struct Run {
    range: Range<usize>,
    copy: Option<String>,
}

impl Run {
    fn push(&mut self, cursor: &Cursor<'_>, range: Range<usize>) -> Parsed<()> {
        match &mut self.copy {
            Some(copy) => copy.push_str(&with_line_feeds(cursor.slice(range))),
            None if self.range.is_empty() => self.range = range,
            None if self.range.end == range.start => self.range.end = range.end,
            // There was a processing instruction between the two.
            None => {
                let pieces = [self.range.clone(), range].map(|range| with_line_feeds(cursor.slice(range)));
                self.copy = Some(pieces.concat());
            }
        }
        cursor.bound_text(self.copy.as_ref().map_or(self.range.len(), String::len))
    }

    fn decoded(&mut self, cursor: &Cursor<'_>, character: char) -> Parsed<()> {
        let range = self.range.clone();
        let copy = self.copy.get_or_insert_with(|| with_line_feeds(cursor.slice(range)).into_owned());
        copy.push(character);
        cursor.bound_text(copy.len())
    }

    /// Adds the text to the children before a part that is not text.
    fn end_before(&mut self, cursor: &Cursor<'_>, part: &Markup, children: &mut Vec<Node>) {
        if matches!(part, Markup::Text(_) | Markup::Character(_)) {
            return;
        }
        match std::mem::take(self) {
            Run { copy: Some(copy), .. } => children.push(Node::Text(Text::from(copy))),
            Run { range, .. } if !range.is_empty() => children.push(Node::Text(cursor.characters_of(range))),
            Run { .. } => {}
        }
    }
}

/// The children of `Extensions` or `CreativeExtensions`.
#[derive(Default)]
pub(crate) struct Extensions {
    pub(crate) list: Vec<Extension>,
    /// The extensions that may contain a part of the standard.
    pub(super) parts: ExtensionParts,
}

/// Extensions that may contain a part of the standard: the name of the part, and the range of the extension.
pub(super) type ExtensionParts = Vec<(Name, Range<usize>)>;

impl Extensions {
    /// Reads one child. `own` is the name that the standard gives it; a child with another name is kept without a type.
    pub(crate) fn read(&mut self, cursor: &mut Cursor<'_>, child: Name, own: Name) -> Parsed<()> {
        let start = cursor.tag_start();
        let is_own = child == own;
        if is_own {
            cursor.settle_case()?;
        }
        let extension = added(&mut self.list);
        element_into(cursor, &mut extension.element)?;
        if is_own {
            let found = extension.element.attribute("type");
            extension.extension_type = found.filter(|found| !trim(found).is_empty()).cloned();
        }
        if let Some(part) = part_in(extension) {
            self.parts.push((part, start..cursor.offset()));
        }
        Ok(())
    }
}

/// The part of the standard in an extension: the one that its type names. In an extension without a type only verifications are
/// read, because other elements in it may have a meaning that only the vendor knows.
fn part_in(extension: &Extension) -> Option<Name> {
    match &extension.extension_type {
        Some(name) => Some(Name::find(trim(name)).0).filter(|name| is_part(*name)),
        None => extension.has_verifications().then_some(Name::AdVerifications),
    }
}

/// Whether older versions have this part of an ad or a creative in an extension whose `type` is its name.
fn is_part(name: Name) -> bool {
    matches!(
        name,
        Name::AdVerifications | Name::UniversalAdId | Name::InteractiveCreativeFile | Name::Mezzanine | Name::Icon
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{Limits, ParseOptions};
    use crate::xml::Notes;
    use proptest::prelude::*;
    use std::sync::Arc;

    /// The content of the root, read at once where that is possible or part by part, with the offset after it, or the error.
    fn content(source: &Arc<str>, text_bytes: usize, is_whole: bool) -> String {
        let limits = Limits { text_bytes, ..Limits::default() };
        let notes = Notes::new(&ParseOptions { limits, ..ParseOptions::default() }, 0);
        let mut cursor = Cursor::new(source, notes);
        let mut element = Element::default();
        let read = cursor.child().and_then(|_| match is_whole {
            true => element_into(&mut cursor, &mut element),
            false => content_into(&mut cursor, &mut element.children),
        });
        match read {
            Ok(()) => format!("{:?} up to {}", element.children, cursor.offset()),
            Err(stop) => format!("{} at {}", stop.message(), stop.offset()),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn content_read_at_once_is_that_read_part_by_part(
            pieces in prop::collection::vec(prop::sample::select(&[
                "a", "é", " ", "\n  ", "\r\n", "&amp;", "&", "<b/>", "<b>", "</b>", "<![CDATA[", "]]>", "]", "<![CDATA[x]]>",
                "<![CDATA[]]>", "<!-- -->", "<?p?>", "</r>", "</r >",
            ][..]), 0..6),
            limit in prop::sample::select(&[0, 3, 1_000][..]),
        ) {
            let source = Arc::from(format!("<r>{}</r>\n", pieces.concat()));
            prop_assert_eq!(content(&source, limit, true), content(&source, limit, false), "{}", source);
        }
    }
}
