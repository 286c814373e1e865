//! Elements whose content is one value: text, URL or number.

use super::list::added;
use super::unknown::{as_element, element_again, keep_of_child, keep_unusable, unknown};
use crate::attributes::{Attributed, keep, keep_silently, read_attributes, understood};
use crate::model::{Extra, UniversalAdId};
use crate::scalar::{ScalarReader, Understood};
use crate::text::Text;
use crate::warning::WarningCode;
use crate::xml::{Cursor, Key, Name, Parsed, Pieces, Spacing, unescape};
use std::borrow::Cow;

/// Reads an element that is a text in the model into its place. When it is blank, the place is empty, and the element is kept
/// in `outer`. `name` and `index` identify the element among the children of its parent.
fn leaf<'a>(
    cursor: &mut Cursor<'a>,
    outer: &mut Extra,
    (name, index): (Name, usize),
    into: &mut Option<Text>,
    read: impl FnOnce(&mut Cursor<'a>, &mut Extra, &mut Text) -> Parsed<()>,
) -> Parsed<()> {
    let start = cursor.tag_start();
    let mut unknown = Extra::default();
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, attribute, &mut unknown)?;
    }
    let text = into.insert(Text::default());
    read(cursor, &mut unknown, text)?;
    if text.is_nothing() {
        *into = None;
        return keep_unusable(cursor, start, outer);
    }
    keep_of_child(outer, name, index, unknown);
    Ok(())
}

/// Reads a text element that the parent may have only once. `None` if it is blank.
pub(super) fn text(cursor: &mut Cursor<'_>, outer: &mut Extra, into: &mut Option<Text>) -> Parsed<()> {
    let place = (cursor.name(), 0);
    leaf(cursor, outer, place, into, |cursor, unknown, into| content_into(cursor, Spacing::Trimmed, unknown, into))
}

/// Reads a URL; `None`, with a warning, when it is blank.
pub(super) fn url(cursor: &mut Cursor<'_>, outer: &mut Extra, place: (Name, usize)) -> Parsed<Option<Text>> {
    let start = cursor.tag_start();
    let mut url = None;
    leaf(cursor, outer, place, &mut url, url_content_into)?;
    if url.is_none() {
        cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
    }
    Ok(url)
}

/// Reads a number or a time. An element with any other text is kept unchanged in `extra`.
pub(super) fn value<T>(cursor: &mut Cursor<'_>, extra: &mut Extra, read: ScalarReader<T>) -> Parsed<Option<T>> {
    let (start, name) = (cursor.tag_start(), cursor.name());
    let mut unknown = Extra::default();
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, attribute, &mut unknown)?;
    }
    let joined;
    let text = match cursor.whole_str()? {
        Some(text) => text,
        None => {
            joined = joined_content(cursor, Spacing::Trimmed, &mut unknown)?;
            &*joined
        }
    };
    let read = match text.is_empty() {
        true => None,
        false => understood(cursor, text, name.as_str(), start, read)?,
    };
    let Some(Understood { value: Some(value), .. }) = read else {
        keep_unusable(cursor, start, extra)?;
        return Ok(None);
    };
    keep_of_child(extra, name, 0, unknown);
    Ok(Some(value))
}

/// Reads a text with attributes. When `is_empty` is true for the result, the element is kept unchanged in `outer`.
pub(super) fn labelled<P: Attributed + Default>(
    cursor: &mut Cursor<'_>,
    outer: &mut Extra,
    text: fn(&mut P) -> &mut Text,
    is_empty: fn(&P) -> bool,
) -> Parsed<Option<P>> {
    let mut part = None;
    labelled_into(cursor, outer, &mut part, text, is_empty)?;
    Ok(part)
}

/// Like [`labelled`], but reads the part in its place.
pub(super) fn labelled_into<P: Attributed + Default>(
    cursor: &mut Cursor<'_>,
    outer: &mut Extra,
    into: &mut Option<P>,
    text: fn(&mut P) -> &mut Text,
    is_empty: fn(&P) -> bool,
) -> Parsed<()> {
    let start = cursor.tag_start();
    let part = into.insert(P::default());
    read_attributes(cursor, part)?;
    if !cursor.whole_text_into(Spacing::Trimmed, text(part))? {
        *text(part) = joined_content(cursor, Spacing::Trimmed, part.extra_mut())?;
    }
    if is_empty(part) {
        *into = None;
        return keep_unusable(cursor, start, outer);
    }
    Ok(())
}

/// Reads a URL with attributes. An element without a URL is kept unchanged in `outer`, with a warning.
pub(super) fn located<P: Attributed>(
    cursor: &mut Cursor<'_>,
    outer: &mut Extra,
    mut part: P,
    url: fn(&mut P) -> &mut Text,
) -> Parsed<Option<P>> {
    let start = cursor.tag_start();
    read_attributes(cursor, &mut part)?;
    *url(&mut part) = url_content(cursor, part.extra_mut())?;
    if url(&mut part).is_empty() {
        return without_url(cursor, start, outer);
    }
    Ok(Some(part))
}

/// Like [`located`], but creates the part in the list and reads it there, so that a large part is not copied.
pub(super) fn located_in<P: Attributed + Default>(
    cursor: &mut Cursor<'_>,
    outer: &mut Extra,
    into: &mut Vec<P>,
    url: fn(&mut P) -> &mut Text,
) -> Parsed<()> {
    let start = cursor.tag_start();
    let part = added(into);
    read_attributes(cursor, part)?;
    if !cursor.whole_text_into(Spacing::Uri, url(part))? {
        *url(part) = nested_url(cursor, part.extra_mut())?;
    }
    if url(part).is_nothing() {
        into.pop();
        without_url::<P>(cursor, start, outer)?;
    }
    Ok(())
}

/// Keeps an element without a URL, which began at `start`, unchanged, with a warning.
pub(crate) fn without_url<T>(cursor: &mut Cursor<'_>, start: usize, outer: &mut Extra) -> Parsed<Option<T>> {
    cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
    keep_unusable(cursor, start, outer)?;
    Ok(None)
}

/// The text of the rest of the element. Child elements are kept in `extra`.
pub(super) fn content(cursor: &mut Cursor<'_>, spacing: Spacing, extra: &mut Extra) -> Parsed<Text> {
    let mut text = Text::default();
    content_into(cursor, spacing, extra, &mut text)?;
    Ok(text)
}

/// Like [`content`], but writes the text to its place: the processor stalls when it copies a text that was written just before.
fn content_into(cursor: &mut Cursor<'_>, spacing: Spacing, extra: &mut Extra, into: &mut Text) -> Parsed<()> {
    if !cursor.whole_text_into(spacing, into)? {
        *into = joined_content(cursor, spacing, extra)?;
    }
    Ok(())
}

fn joined_content(cursor: &mut Cursor<'_>, spacing: Spacing, extra: &mut Extra) -> Parsed<Text> {
    let mut pieces = Pieces::new(spacing);
    while cursor.next(&mut pieces)?.is_some() {
        unknown(cursor, extra)?;
    }
    cursor.finish(pieces)
}

/// The URL in the rest of the element: its own text, or that of its first `URL` child (VAST 1.0).
pub(crate) fn url_content(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<Text> {
    match cursor.whole_text(Spacing::Uri)? {
        Some(url) => Ok(url),
        None => nested_url(cursor, extra),
    }
}

/// Like [`url_content`], but writes the URL to its place.
fn url_content_into(cursor: &mut Cursor<'_>, extra: &mut Extra, into: &mut Text) -> Parsed<()> {
    if !cursor.whole_text_into(Spacing::Uri, into)? {
        *into = nested_url(cursor, extra)?;
    }
    Ok(())
}

fn nested_url(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<Text> {
    let mut pieces = Pieces::new(Spacing::Uri);
    let mut nested = None;
    while let Some(child) = cursor.next(&mut pieces)? {
        match child {
            Name::Url if nested.is_none() => {
                let start = cursor.tag_start();
                let first = cursor.misplaced_count();
                let mut inner = Extra::default();
                while let Some(attribute) = cursor.attribute()? {
                    keep(cursor, attribute, &mut inner)?;
                }
                let url = content(cursor, Spacing::Uri, &mut inner)?;
                let misplaced = first..cursor.misplaced_count();
                match url.is_empty() {
                    true => {
                        cursor.forget_misplaced(misplaced);
                        keep_unusable(cursor, start, extra)?;
                    }
                    false => nested = Some((url, start..cursor.offset(), extra.elements.len(), inner, misplaced)),
                }
            }
            _ => unknown(cursor, extra)?,
        }
    }
    let own = cursor.finish(pieces)?;
    match nested {
        None => Ok(own),
        Some((url, _, place, inner, _)) if own.is_empty() => {
            if !inner.is_empty() {
                extra.elements.insert(place, as_element(Name::Url.as_str(), inner));
            }
            Ok(url)
        }
        Some((_, range, place, _, misplaced)) => {
            // The element's own text is the URL, so the `URL` child is kept unchanged, at its place among the unknown elements.
            cursor.forget_misplaced(misplaced);
            let nested = element_again(cursor, range)?;
            extra.elements.insert(place, nested);
            Ok(own)
        }
    }
}

/// The text of the element, or its markup unchanged if it has child elements: some ad servers write HTML and parameters
/// without escaping them.
pub(crate) fn markup(cursor: &mut Cursor<'_>, spacing: Spacing) -> Parsed<Text> {
    if let Some(text) = cursor.whole_text(spacing)? {
        return Ok(text);
    }
    let start = cursor.offset();
    let tag = cursor.tag_start();
    let mut pieces = Pieces::new(spacing);
    let mut unescaped = false;
    while cursor.next(&mut pieces)?.is_some() {
        unescaped = true;
        cursor.skip()?;
    }
    if !unescaped {
        return cursor.finish(pieces);
    }
    cursor.warn_at(WarningCode::UnknownElement, "markup that should be in CDATA", tag)?;
    let read = cursor.slice(start..cursor.offset());
    // The last `</` read is the beginning of the end tag.
    let inside = read.rfind("</").map_or(read, |end| &read[..end]).trim();
    cursor.bound_text(inside.len())?;
    Ok(cursor.characters_of(cursor.range_of(inside)))
}

/// The value of a text that may be encoded twice (`@xmlEncoded`).
pub(super) fn decoded(raw: &Text, xml_encoded: Option<bool>) -> Text {
    if xml_encoded != Some(true) {
        return raw.clone();
    }
    match unescape(raw) {
        Cow::Owned(decoded) => Text::from(decoded),
        Cow::Borrowed(_) => raw.clone(),
    }
}

/// Reads a `UniversalAdId`: a value with its registry. VAST 4.0 has the value in the attribute `idValue`.
pub(super) fn universal_ad_id(cursor: &mut Cursor<'_>, into: &mut Vec<UniversalAdId>, outer: &mut Extra) -> Parsed<()> {
    let start = cursor.tag_start();
    if into.capacity() == 0 {
        into.reserve_exact(1);
    }
    let id = added(into);
    let mut fallback = None;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::IdValue => {
                fallback = cursor.value(attribute);
                keep_silently(cursor, attribute, &mut id.extra);
            }
            _ if id.read_attribute(cursor, attribute)? => {}
            _ => keep(cursor, attribute, &mut id.extra)?,
        }
    }
    content_into(cursor, Spacing::Trimmed, &mut id.extra, &mut id.value)?;
    if id.value.is_nothing() {
        id.value = fallback.unwrap_or_default();
    }
    if id.value.is_nothing() && id.registry.is_none() {
        into.pop();
        return keep_unusable(cursor, start, outer);
    }
    Ok(())
}
