//! Elements whose content is one value: text, a URL, or in VAST 1.0 a list of URLs.

use super::unknown::{Residue, keep, unknown};
use crate::model::{Click, Extra};
use crate::xml::{Cursor, Key, Name, Parsed, Pieces, Spacing, unescape};
use crate::{Text, WarningCode};
use std::borrow::Cow;

/// A text; nothing when it is blank.
pub(super) fn text(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<Text>> {
    let mut residue = Residue::of(cursor);
    attributes(cursor, &mut residue.extra)?;
    let text = content(cursor, Spacing::Trimmed, &mut residue.extra)?;
    residue.close(cursor, outer);
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A URL; nothing, with a warning, when it is blank.
pub(super) fn url(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<Text>> {
    let start = cursor.tag_start();
    let mut residue = Residue::of(cursor);
    attributes(cursor, &mut residue.extra)?;
    let url = url_content(cursor, &mut residue.extra)?;
    residue.close(cursor, outer);
    if url.is_empty() {
        cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
    }
    Ok(Some(url).filter(|url| !url.is_empty()))
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
            Name::Url if nested.is_none() => nested = url(cursor, extra)?,
            _ => unknown(cursor, extra)?,
        }
    }
    let own = cursor.finish(pieces);
    Ok(if own.is_empty() { nested.unwrap_or_default() } else { own })
}

/// The markup of the element in hand as it stands, or its text where that is all there is: for HTML and parameters,
/// which some tags write without escaping.
pub(crate) fn markup(cursor: &mut Cursor<'_>, spacing: Spacing) -> Parsed<Text> {
    let start = cursor.offset();
    let tag = cursor.tag_start();
    let mut pieces = Pieces::new(spacing);
    let mut unescaped = false;
    while cursor.next(&mut pieces)?.is_some() {
        unescaped = true;
        cursor.skip()?;
    }
    if !unescaped {
        return Ok(cursor.finish(pieces));
    }
    cursor.warn_at(WarningCode::UnknownElement, "markup that should be in CDATA", tag)?;
    let read = cursor.slice(start..cursor.offset());
    // The end tag begins with the last `</` read.
    let inside = read.rfind("</").map_or(read, |end| &read[..end]).trim();
    cursor.bound_text(inside.len())?;
    Ok(cursor.text_of(cursor.range_of(inside)))
}

/// The value of a text that may be encoded twice (`@xmlEncoded`).
pub(super) fn decoded(raw: &Text, xml_encoded: Option<bool>) -> Text {
    match unescape(raw) {
        Cow::Owned(decoded) if xml_encoded == Some(true) => Text::from(decoded),
        _ => raw.clone(),
    }
}

/// URLs with an `id`, which need not be called: each `URL` child (VAST 1.0), or the element's own text.
pub(super) fn links<'a>(
    cursor: &mut Cursor<'a>,
    each: &mut dyn FnMut(&mut Cursor<'a>, Click) -> Parsed<()>,
) -> Parsed<()> {
    let mut click = Click::default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Id => click.id = cursor.value(&attribute),
            _ => keep(cursor, &attribute, &mut click.extra)?,
        }
    }
    urls(cursor, click, each)
}

/// The URLs in the content of the element in hand, the attributes of which were read into `click`.
pub(crate) fn urls<'a>(
    cursor: &mut Cursor<'a>,
    mut click: Click,
    each: &mut dyn FnMut(&mut Cursor<'a>, Click) -> Parsed<()>,
) -> Parsed<()> {
    let start = cursor.tag_start();
    let mut pieces = Pieces::new(Spacing::Uri);
    let mut nested = false;
    while let Some(child) = cursor.next(&mut pieces)? {
        match child {
            Name::Url => {
                nested = true;
                links(cursor, each)?;
            }
            _ => unknown(cursor, &mut click.extra)?,
        }
    }
    click.url = cursor.finish(pieces);
    match (click.url.is_empty(), nested) {
        (false, _) => each(cursor, click),
        (true, false) => cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start),
        (true, true) => Ok(()),
    }
}

/// URLs with an `id` that may have to be called.
pub(super) fn trackers(cursor: &mut Cursor<'_>, into: &mut Vec<Click>) -> Parsed<()> {
    links(cursor, &mut |cursor, click| {
        cursor.count_tracker()?;
        into.push(click);
        Ok(())
    })
}

/// The one landing page: the first URL counts.
pub(super) fn click_through(cursor: &mut Cursor<'_>, into: &mut Option<Click>) -> Parsed<()> {
    links(cursor, &mut |cursor, click| match into {
        None => {
            *into = Some(click);
            Ok(())
        }
        Some(_) => cursor.warn(WarningCode::DuplicateElement, "a second landing page"),
    })
}

/// URLs that may have to be called and have nothing but themselves.
pub(super) fn tracker_urls(cursor: &mut Cursor<'_>, into: &mut Vec<Text>, outer: &mut Extra) -> Parsed<()> {
    let mut residue = Residue::of(cursor);
    links(cursor, &mut |cursor, click| {
        cursor.count_tracker()?;
        into.push(click.url);
        residue.extra.attributes.extend(click.id.map(id_attribute));
        if !click.extra.is_empty() {
            residue.extra.attributes.extend(click.extra.attributes.iter().cloned());
            residue.extra.elements.extend(click.extra.elements.iter().cloned());
        }
        Ok(())
    })?;
    residue.close(cursor, outer);
    Ok(())
}

fn id_attribute(value: Text) -> crate::model::Attribute {
    crate::model::Attribute { name: Text::from(Key::Id.as_str()), value }
}

fn attributes(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<()> {
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, &attribute, extra)?;
    }
    Ok(())
}
