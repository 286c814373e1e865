//! The attributes of a start tag and their places in the text.

use super::new_element::attribute_value;
use super::node::Extent;
use super::splice::Splice;
use crate::xml::{Scanned, Scanner};
use std::ops::Range;

/// An attribute of a start tag. Ranges are ranges of the whole text.
pub(super) struct AttributePlace<'t> {
    pub(super) name: &'t str,
    /// The range of the value between the quotes.
    pub(super) value: Range<usize>,
    /// The offset after the closing quote.
    end: usize,
    /// Whether the value has no quotes or quotes that XML does not allow.
    is_loose: bool,
}

/// The attributes of a start tag, up to the first one that cannot be read.
pub(super) fn attributes<'t>(text: &'t str, extent: &Extent) -> Vec<AttributePlace<'t>> {
    let tag = &text[extent.name.end..extent.tag.end];
    let tag = tag.strip_suffix('>').unwrap_or(tag);
    let tag = tag.strip_suffix('/').unwrap_or(tag);
    let mut scanner = Scanner::new(tag);
    let mut found = Vec::new();
    loop {
        let (name, raw, is_loose) = match scanner.next() {
            Scanned::Attribute { name, raw } => (name, raw, false),
            Scanned::Loose { name, raw } => (name, raw, true),
            Scanned::Bare(_) => continue,
            Scanned::Bad(_) | Scanned::End => return found,
        };
        let start = raw.as_ptr() as usize - text.as_ptr() as usize;
        let end = extent.name.end + tag.len() - scanner.remaining();
        found.push(AttributePlace { name, value: start..start + raw.len(), end, is_loose });
    }
}

/// The changes of the text that set or remove attributes. A new value gets quotes that XML allows.
pub(super) fn changes(text: &str, extent: &Extent, wanted: &[(String, Option<String>)]) -> Vec<Splice> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let present = attributes(text, extent);
    let end = present.last().map_or(extent.name.end, |last| last.end);
    let change = |(name, value): &(String, Option<String>)| {
        let at = present.iter().position(|other| other.name.eq_ignore_ascii_case(name));
        match (at, value) {
            (Some(at), Some(value)) if present[at].is_loose => {
                let AttributePlace { name, end, .. } = &present[at];
                let start = name.as_ptr() as usize - text.as_ptr() as usize + name.len();
                Some(Splice { range: start..*end, text: format!("=\"{}\"", attribute_value(value, '"')) })
            }
            (Some(at), Some(value)) => {
                let range = present[at].value.clone();
                let quote = text[range.end..].chars().next().unwrap_or('"');
                Some(Splice { range, text: attribute_value(value, quote) })
            }
            (Some(at), None) => {
                let start = at.checked_sub(1).map_or(extent.name.end, |before| present[before].end);
                Some(Splice { range: start..present[at].end, text: String::new() })
            }
            (None, Some(value)) => Some(Splice::insertion(end, format!(" {name}=\"{}\"", attribute_value(value, '"')))),
            (None, None) => None,
        }
    };
    wanted.iter().filter_map(change).collect()
}
