//! Element trees, `Extensions` and `CreativeExtensions` (VAST 4.3, sections 3.18 and 3.7.2).

use crate::Text;
use crate::attributes::is_stand_in;
use crate::model::{self, Element, Extension, Node};
use crate::xml::{Cursor, Markup, Name, Parsed, with_line_feeds};
use std::ops::Range;

/// Reads the current element with everything in it.
pub(super) fn element(cursor: &mut Cursor<'_>) -> Parsed<Element> {
    let name = cursor.text_of(cursor.range_of(cursor.tag_name()));
    let mut element = Element { name, ..Element::default() };
    while let Some(attribute) = cursor.raw_attribute()? {
        if !is_stand_in(cursor.name_of(attribute), cursor.raw_of(attribute)) {
            let name = cursor.text_of(cursor.range_of(cursor.name_of(attribute)));
            element.attributes.push(model::Attribute { name, value: cursor.exact_value(attribute) });
        }
    }
    let mut text = Run::default();
    loop {
        let part = cursor.markup()?;
        text.end_before(cursor, &part, &mut element.children);
        match part {
            Markup::Child => element.children.push(Node::Element(self::element(cursor)?)),
            Markup::Text(range) => text.push(cursor, range)?,
            Markup::Character(character) => text.decoded(cursor, character)?,
            Markup::CData(range) => {
                cursor.bound_text(range.len())?;
                element.children.push(Node::CData(cursor.characters_of(range)));
            }
            Markup::Comment(range) => element.children.push(Node::Comment(cursor.characters_of(range))),
            Markup::End => return Ok(element),
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
        let element = element(cursor)?;
        let extension_type = element.attribute("type").filter(|found| is_own && !found.trim().is_empty()).cloned();
        let extension = Extension { extension_type, element };
        if let Some(part) = part_in(&extension) {
            self.parts.push((part, start..cursor.offset()));
        }
        self.list.push(extension);
        Ok(())
    }
}

/// The part of the standard in an extension: the one that its type names. In an extension without a type only verifications are
/// read, because other elements in it may have a meaning that only the vendor knows.
fn part_in(extension: &Extension) -> Option<Name> {
    if extension.has_verifications() {
        return Some(Name::AdVerifications);
    }
    extension.extension_type.as_deref().map(|name| Name::find(name.trim()).0).filter(|name| is_part(*name))
}

/// Whether older versions have this part of a creative in an extension whose `type` is its name.
fn is_part(name: Name) -> bool {
    matches!(name, Name::UniversalAdId | Name::InteractiveCreativeFile | Name::Mezzanine | Name::Icon)
}
