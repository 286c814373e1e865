//! The attributes of a start tag and their places in the text.

use super::error::EditError;
use super::new_element::attribute_value;
use super::node::{Ending, Extent};
use super::splice::{Splice, applied, in_order};
use crate::xml::{Scanned, Scanner, Token, Tokens, decoded};
use std::ops::Range;

/// An attribute of a start tag. Ranges are ranges of the whole text.
pub(super) struct AttributePlace<'t> {
    pub(super) name: &'t str,
    /// The range of the value between the quotes.
    pub(super) value: Range<usize>,
    /// The offset of the name.
    start: usize,
    /// The offset after the closing quote.
    end: usize,
    /// Whether the value has no quotes or quotes that XML does not allow.
    is_loose: bool,
}

/// The text of a start tag between the name and `>` or `/>`.
fn inside<'t>(text: &'t str, extent: &Extent) -> &'t str {
    let tag = &text[extent.name.end..extent.tag.end];
    let tag = tag.strip_suffix('>').unwrap_or(tag);
    tag.strip_suffix('/').filter(|_| extent.ending == Ending::Empty).unwrap_or(tag)
}

/// The attributes of a start tag, up to the first one that cannot be read.
pub(super) fn attributes<'t>(text: &'t str, extent: &Extent) -> Vec<AttributePlace<'t>> {
    let tag = inside(text, extent);
    let mut scanner = Scanner::new(tag);
    let mut found = Vec::new();
    let offset = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    loop {
        let (name, raw, is_loose) = match scanner.next() {
            Scanned::Attribute { name, raw } => (name, raw, false),
            Scanned::Loose { name, raw } => (name, raw, true),
            Scanned::Bare(_) => continue,
            Scanned::Bad(_) | Scanned::End => return found,
        };
        let (start, value) = (offset(name), offset(raw)..offset(raw) + raw.len());
        let end = extent.name.end + tag.len() - scanner.remaining();
        found.push(AttributePlace { name, value, start, end, is_loose });
    }
}

/// The attribute with this name. As in the reader, one in the same case comes before one in another case.
pub(super) fn position(present: &[AttributePlace<'_>], name: &str) -> Option<usize> {
    let exact = present.iter().position(|other| other.name == name);
    exact.or_else(|| present.iter().position(|other| other.name.eq_ignore_ascii_case(name)))
}

/// The changes of the text that set or remove attributes. A new value gets quotes that XML allows.
pub(super) fn changes(text: &str, extent: &Extent, wanted: &[(String, Option<String>)]) -> Vec<Splice> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let present = attributes(text, extent);
    let end = present.last().map_or(extent.name.end, |last| last.end);
    let mut splices = Vec::with_capacity(wanted.len());
    for (name, value) in wanted {
        match (value, position(&present, name)) {
            (Some(value), Some(at)) => splices.push(replaced(text, &present[at], value)),
            (Some(value), None) => {
                splices.push(Splice::insertion(end, format!(" {name}=\"{}\"", attribute_value(value, '"'))));
            }
            (None, _) => {
                let removed = present.iter().filter(|other| other.name.eq_ignore_ascii_case(name));
                splices.extend(removed.map(|attribute| removal(text, attribute)));
            }
        }
    }
    splices
}

fn replaced(text: &str, attribute: &AttributePlace<'_>, value: &str) -> Splice {
    if attribute.is_loose {
        let range = attribute.start + attribute.name.len()..attribute.end;
        return Splice { range, text: format!("=\"{}\"", attribute_value(value, '"')) };
    }
    let range = attribute.value.clone();
    let quote = text[range.end..].chars().next().unwrap_or('"');
    Splice { range, text: attribute_value(value, quote) }
}

/// Removes an attribute with the blanks before it. If something follows it without a blank, the blanks stay.
fn removal(text: &str, attribute: &AttributePlace<'_>) -> Splice {
    const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];
    let is_followed = !text[attribute.end..].starts_with([' ', '\t', '\r', '\n', '/', '>']);
    let start = if is_followed { attribute.start } else { text[..attribute.start].trim_end_matches(BLANKS).len() };
    Splice { range: start..attribute.end, text: String::new() }
}

/// A part of a start tag: a name with its value, or without one.
type TagPart = (String, Option<String>);

/// The parts of the text after the name of a tag; `None` if it cannot be read to its end.
fn parts(rest: &str) -> Option<Vec<TagPart>> {
    let mut scanner = Scanner::new(rest);
    let mut parts = Vec::new();
    loop {
        parts.push(match scanner.next() {
            Scanned::Attribute { name, raw } | Scanned::Loose { name, raw } => {
                (name.to_owned(), Some(decoded(raw).into_owned()))
            }
            Scanned::Bare(name) => (name.to_owned(), None),
            Scanned::Bad(_) => return None,
            Scanned::End => return Some(parts),
        });
    }
}

/// The parts after the changes.
fn meant(mut parts: Vec<TagPart>, wanted: &[(String, Option<String>)]) -> Vec<TagPart> {
    let is_it = |part: &TagPart, name: &str| part.1.is_some() && part.0.eq_ignore_ascii_case(name);
    let end = parts.iter().rposition(|part| part.1.is_some()).map_or(0, |last| last + 1);
    let mut new = Vec::new();
    let mut removed = vec![false; parts.len()];
    for (name, value) in wanted {
        let exact = parts.iter().position(|part| is_it(part, name) && part.0 == *name);
        match (value, exact.or_else(|| parts.iter().position(|part| is_it(part, name)))) {
            (Some(value), Some(at)) => parts[at].1 = Some(value.clone()),
            (Some(value), None) => new.push((name.clone(), Some(value.clone()))),
            (None, _) => parts.iter().zip(&mut removed).for_each(|(part, removed)| *removed |= is_it(part, name)),
        }
    }
    let behind = parts.split_off(end);
    let kept = parts.into_iter().zip(removed).filter(|(_, removed)| !removed).map(|(part, _)| part);
    kept.chain(new).chain(behind).collect()
}

/// Checks that the tag with these changes is read as it is meant. In a damaged tag, quotes may have another meaning after a change.
pub(super) fn check(text: &str, extent: &Extent, wanted: &[(String, Option<String>)]) -> Result<(), EditError> {
    if extent.ending == Ending::Empty {
        check_opened(text, extent, wanted)?;
    }
    is_read_back(text, extent, wanted, extent.ending == Ending::Empty)
}

/// The same for a tag `<x/>` that becomes `<x>`.
pub(super) fn check_opened(text: &str, extent: &Extent, wanted: &[(String, Option<String>)]) -> Result<(), EditError> {
    is_read_back(text, extent, wanted, false)
}

fn is_read_back(
    text: &str,
    extent: &Extent,
    wanted: &[(String, Option<String>)],
    is_empty: bool,
) -> Result<(), EditError> {
    let before = parts(inside(text, extent)).ok_or(EditError::BrokenTag)?;
    let start = extent.tag.start;
    let splices = in_order(changes(text, extent, wanted)).into_iter();
    let splices: Vec<Splice> = splices
        .map(|splice| Splice { range: splice.range.start - start..splice.range.end - start, text: splice.text })
        .collect();
    let end = extent.name.end + inside(text, extent).len();
    let changed = applied(&text[start..end], &splices) + if is_empty { "/>" } else { ">" };
    let mut tokens = Tokens::new(&changed, 0);
    match tokens.next() {
        Ok(Token::Start { name, rest, empty })
            if name == &text[extent.name.clone()]
                && empty == is_empty
                && parts(rest) == Some(meant(before, wanted))
                && tokens.offset() == changed.len() =>
        {
            Ok(())
        }
        _ => Err(EditError::BrokenTag),
    }
}
