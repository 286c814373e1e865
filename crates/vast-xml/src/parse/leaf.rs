//! Elements whose content is one value: text or a URL.

use super::unknown::{Residue, element_again, keep, keep_in_vain, unknown};
use crate::model::Extra;
use crate::xml::{Cursor, Name, Parsed, Pieces, Spacing, is_well_formed, unescape};
use crate::{Text, WarningCode};
use std::borrow::Cow;

/// A text; nothing when it is blank.
pub(super) fn text(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<Text>> {
    leaf(cursor, outer, |cursor, extra| content(cursor, Spacing::Trimmed, extra))
}

/// A URL; nothing, with a warning, when it is blank.
pub(super) fn url(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<Text>> {
    let start = cursor.tag_start();
    let url = leaf(cursor, outer, url_content)?;
    if url.is_none() {
        cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
    }
    Ok(url)
}

fn leaf<'a>(
    cursor: &mut Cursor<'a>,
    outer: &mut Extra,
    read: fn(&mut Cursor<'a>, &mut Extra) -> Parsed<Text>,
) -> Parsed<Option<Text>> {
    let start = cursor.tag_start();
    let mut residue = Residue::of(cursor);
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, &attribute, &mut residue.extra)?;
    }
    let text = read(cursor, &mut residue.extra)?;
    if text.is_empty() {
        keep_in_vain(cursor, start, outer)?;
        return Ok(None);
    }
    residue.close(cursor, outer);
    Ok(Some(text))
}

/// What is left of the element in hand, as text. Child elements go to `extra`.
pub(super) fn content(cursor: &mut Cursor<'_>, spacing: Spacing, extra: &mut Extra) -> Parsed<Text> {
    let mut pieces = Pieces::new(spacing);
    while cursor.next(&mut pieces)?.is_some() {
        unknown(cursor, extra)?;
    }
    Ok(cursor.finish(pieces))
}

/// What is left of the element in hand, as a URL: its own text, or that of the first `URL` in it (VAST 1.0).
pub(crate) fn url_content(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<Text> {
    let mut pieces = Pieces::new(Spacing::Uri);
    let mut nested = None;
    while let Some(child) = cursor.next(&mut pieces)? {
        match child {
            Name::Url if nested.is_none() => {
                let (start, before) = (cursor.tag_start(), extra.elements.len());
                let url = leaf(cursor, extra, |cursor, extra| content(cursor, Spacing::Uri, extra))?;
                nested = url.map(|url| (url, start..cursor.offset(), before..extra.elements.len()));
            }
            _ => unknown(cursor, extra)?,
        }
    }
    let own = cursor.finish(pieces);
    match nested {
        None => Ok(own),
        Some((url, ..)) if own.is_empty() => Ok(url),
        Some((_, range, rest)) => {
            let nested = element_again(cursor, range)?;
            cursor.set_aside_child_of_last(Name::Url);
            extra.elements.splice(rest, [nested]);
            Ok(own)
        }
    }
}

/// The markup of the element in hand as it stands, or its text where that is all there is: for HTML and parameters,
/// which some tags write without escaping.
pub(crate) fn markup(cursor: &mut Cursor<'_>, spacing: Spacing) -> Parsed<Text> {
    let start = cursor.offset();
    let tag = cursor.tag_start();
    let mut pieces = Pieces::new(spacing);
    let mut unescaped = false;
    let paused = cursor.pause_recording(true);
    while cursor.next(&mut pieces)?.is_some() {
        unescaped = true;
        cursor.skip()?;
    }
    cursor.pause_recording(paused);
    if !unescaped {
        return Ok(cursor.finish(pieces));
    }
    cursor.warn_at(WarningCode::UnknownElement, "markup that should be in CDATA", tag)?;
    let read = cursor.slice(start..cursor.offset());
    // The end tag begins with the last `</` read.
    let inside = read.rfind("</").map_or(read, |end| &read[..end]).trim();
    cursor.bound_text(inside.len())?;
    let markup = cursor.characters_of(cursor.range_of(inside));
    if is_well_formed(&markup) {
        cursor.content_is_markup(markup.clone());
    }
    Ok(markup)
}

/// The value of a text that may be encoded twice (`@xmlEncoded`).
pub(super) fn decoded(raw: &Text, xml_encoded: Option<bool>) -> Text {
    match unescape(raw) {
        Cow::Owned(decoded) if xml_encoded == Some(true) => Text::from(decoded),
        _ => raw.clone(),
    }
}
