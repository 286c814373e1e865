//! Elements that contain a URL to call or to open, or in VAST 1.0 a list of such URLs.

use super::list::added;
use super::unknown::{as_element, duplicate, keep_of_child, keep_unusable, unknown};
use crate::attributes::{Attributed, keep, keep_silently, read_attributes};
use crate::model::{Attribute, Click, Extra, Node};
use crate::text::Text;
use crate::warning::WarningCode;
use crate::xml::{Cursor, Key, Name, Parsed, Pieces, Spacing};

/// The function that gets each URL.
pub(crate) type Each<'e, 'a> = &'e mut dyn FnMut(&mut Cursor<'a>, Click) -> Parsed<()>;

/// From a type of links to [`Click`], and back.
type Conversions<L> = (fn(L) -> Click, fn(Click) -> L);

/// Reads the URLs of an element as trackers.
pub(super) fn trackers(cursor: &mut Cursor<'_>, into: &mut Vec<Click>, outer: &mut Extra) -> Parsed<()> {
    links(cursor, into, outer, |click| &mut click.url, (|click| click, |click| click))
}

/// Reads the URLs of an element as trackers with an `id`: the text of the element, or each `URL` child (VAST 1.0). A single URL,
/// which is the usual content, is read in its place in the list.
pub(super) fn links<L: Attributed + Default>(
    cursor: &mut Cursor<'_>,
    into: &mut Vec<L>,
    outer: &mut Extra,
    url: fn(&mut L) -> &mut Text,
    (to_click, from_click): Conversions<L>,
) -> Parsed<()> {
    let start = cursor.tag_start();
    let link = added(into);
    read_attributes(cursor, link)?;
    let is_read = cursor.whole_text_into(Spacing::Uri, url(link))?;
    if is_read && !url(link).is_nothing() {
        return cursor.count_tracker();
    }
    let link = into.pop().unwrap_or_default();
    if is_read {
        return empty(cursor, start, outer);
    }
    joined_urls(cursor, to_click(link), usize::MAX, outer, &mut |cursor, click| {
        cursor.count_tracker()?;
        into.push(from_click(click));
        Ok(())
    })
}

/// Reads the URLs of an impression that VAST 1.0 has in `CompanionAds` and `NonLinearAds`. They become trackers of other elements. The
/// unknown elements in them are kept in `outer`, in an element with the name of the impression: directly in `outer`, an element such
/// as `TrackingEvents` would have a meaning when the document is written and read again.
pub(super) fn view_trackers(cursor: &mut Cursor<'_>, into: &mut Vec<Click>, outer: &mut Extra) -> Parsed<()> {
    let (before, name) = (into.len(), cursor.tag_name());
    trackers(cursor, into, outer)?;
    let mut rest = Click::default();
    for click in into.iter_mut().skip(before).filter(|click| !click.extra.is_empty()) {
        rest.extra.elements.append(&mut click.extra.elements);
    }
    keep_rest_of_list(name, rest, outer);
    Ok(())
}

/// Reads the landing page, of which there may be one: the first URL.
pub(super) fn click_through(cursor: &mut Cursor<'_>, into: &mut Option<Click>, outer: &mut Extra) -> Parsed<()> {
    if into.is_some() {
        return duplicate(cursor, outer);
    }
    let start = cursor.tag_start();
    let click = into.insert(Click::default());
    read_attributes(cursor, click)?;
    let is_read = cursor.whole_text_into(Spacing::Uri, &mut click.url)?;
    if is_read && !click.url.is_nothing() {
        return Ok(());
    }
    let click = into.take().unwrap_or_default();
    if is_read {
        return empty(cursor, start, outer);
    }
    joined_urls(cursor, click, 1, outer, &mut |_, click| {
        *into = Some(click);
        Ok(())
    })
}

/// Reads the URLs in the content of an element, at most `most`. The caller has read its attributes into `click`.
pub(crate) fn urls<'a>(
    cursor: &mut Cursor<'a>,
    mut click: Click,
    most: usize,
    outer: &mut Extra,
    each: Each<'_, 'a>,
) -> Parsed<()> {
    let start = cursor.tag_start();
    if !cursor.whole_text_into(Spacing::Uri, &mut click.url)? {
        return joined_urls(cursor, click, most, outer, each);
    }
    if click.url.is_nothing() { empty(cursor, start, outer) } else { each(cursor, click) }
}

/// Keeps an element without a URL, with a warning.
#[cold]
pub(super) fn empty(cursor: &mut Cursor<'_>, start: usize, outer: &mut Extra) -> Parsed<()> {
    cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
    keep_unusable(cursor, start, outer)
}

/// The same as [`urls`], for content of any form.
pub(super) fn joined_urls<'a>(
    cursor: &mut Cursor<'a>,
    mut click: Click,
    most: usize,
    outer: &mut Extra,
    each: Each<'_, 'a>,
) -> Parsed<()> {
    let (start, name) = (cursor.tag_start(), cursor.tag_name());
    let mut pieces = Pieces::new(Spacing::Uri);
    let mut listed = 0;
    while let Some(child) = cursor.next(&mut pieces)? {
        match child {
            Name::Url if listed < most => listed += usize::from(listed_url(cursor, &mut click.extra, each)?),
            _ => unknown(cursor, &mut click.extra)?,
        }
    }
    let url = cursor.finish(pieces)?;
    match (url.is_empty(), listed) {
        (false, 0) => each(cursor, Click { url, ..click }),
        (true, 0) => empty(cursor, start, outer),
        (is_empty, _) => {
            let is_used = !is_empty && listed < most;
            let rest = Click { url: if is_used { Text::default() } else { url.clone() }, ..click };
            keep_rest_of_list(name, rest, outer);
            if is_used { each(cursor, Click { url, ..Click::default() }) } else { Ok(()) }
        }
    }
}

/// Reads a `URL` element of a list and the `URL` elements nested in it. Returns whether one of them had a URL.
fn listed_url<'a>(cursor: &mut Cursor<'a>, outer: &mut Extra, each: Each<'_, 'a>) -> Parsed<bool> {
    let start = cursor.tag_start();
    let mut click = Click::default();
    read_attributes(cursor, &mut click)?;
    let mut pieces = Pieces::new(Spacing::Uri);
    let mut has_inner = false;
    while let Some(child) = cursor.next(&mut pieces)? {
        match child {
            Name::Url => has_inner |= listed_url(cursor, &mut click.extra, &mut *each)?,
            _ => unknown(cursor, &mut click.extra)?,
        }
    }
    click.url = cursor.finish(pieces)?;
    match (click.url.is_empty(), has_inner) {
        (true, false) => {
            cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
            keep_unusable(cursor, start, outer)?;
            return Ok(false);
        }
        (true, true) => keep_rest_of_list(Name::Url.as_str(), click, outer),
        (false, _) => each(cursor, click)?,
    }
    Ok(true)
}

/// Keeps the other content of an element with a list of URLs as an unknown element.
fn keep_rest_of_list(name: &str, rest: Click, outer: &mut Extra) {
    let Click { url, id, mut extra } = rest;
    if let Some(id) = id {
        extra.attributes.insert(0, id_attribute(id));
    }
    if extra.is_empty() && url.is_empty() {
        return;
    }
    let mut element = as_element(name, extra);
    if !url.is_empty() {
        element.children.push(Node::CData(url));
    }
    outer.elements.push(element);
}

/// `@id` as an unknown attribute, for a part of the model without a field for it.
pub(crate) fn id_attribute(value: Text) -> Attribute {
    Attribute { name: Text::from(Key::Id.as_str()), value }
}

/// Reads the URLs of an element as trackers that are only texts in the model.
pub(super) fn tracker_urls(cursor: &mut Cursor<'_>, into: &mut Vec<Text>, outer: &mut Extra) -> Parsed<()> {
    let (start, name, tag_name) = (cursor.tag_start(), cursor.name(), cursor.tag_name());
    let before = into.len();
    let mut unknown = plain_attributes(cursor)?;
    // A single URL, which is the usual content, is read in its place in the list.
    let is_read = cursor.whole_text_into(Spacing::Uri, added(into))?;
    if is_read && unknown.is_empty() && !into[before].is_nothing() {
        return cursor.count_tracker();
    }
    let url = into.pop().unwrap_or_default();
    let url = match is_read {
        true => url,
        false => listed_tracker_urls(cursor, name, into, (&mut unknown, &mut *outer))?,
    };
    match (url.is_empty(), into.len() > before) {
        (true, false) => return empty(cursor, start, outer),
        (_, true) => keep_rest_of_list(tag_name, Click { extra: unknown, ..Click::default() }, outer),
        (false, false) => keep_of_child(outer, name, into.len(), unknown),
    }
    if !url.is_empty() {
        cursor.count_tracker()?;
        into.push(url);
    }
    Ok(())
}

/// Reads the `URL` children of an element, and returns the text of the element itself.
fn listed_tracker_urls(
    cursor: &mut Cursor<'_>,
    name: Name,
    into: &mut Vec<Text>,
    (of_list, outer): (&mut Extra, &mut Extra),
) -> Parsed<Text> {
    let mut pieces = Pieces::new(Spacing::Uri);
    while let Some(child) = cursor.next(&mut pieces)? {
        match child {
            Name::Url => listed_tracker_url(cursor, name, into, (&mut *of_list, &mut *outer))?,
            _ => super::unknown::unknown(cursor, of_list)?,
        }
    }
    cursor.finish(pieces)
}

fn listed_tracker_url(
    cursor: &mut Cursor<'_>,
    name: Name,
    into: &mut Vec<Text>,
    (of_list, outer): (&mut Extra, &mut Extra),
) -> Parsed<()> {
    let (start, before) = (cursor.tag_start(), into.len());
    let mut unknown = plain_attributes(cursor)?;
    let url = listed_tracker_urls(cursor, name, into, (&mut unknown, &mut *outer))?;
    match (url.is_empty(), into.len() > before) {
        (true, false) => return empty(cursor, start, of_list),
        (true, true) => {
            keep_rest_of_list(Name::Url.as_str(), Click { extra: unknown, ..Click::default() }, of_list);
            return Ok(());
        }
        (false, _) => {}
    }
    cursor.count_tracker()?;
    keep_of_child(outer, name, into.len(), unknown);
    into.push(url);
    Ok(())
}

/// Reads attributes of an element that has no fields for them. An `id` is kept without a warning.
fn plain_attributes(cursor: &mut Cursor<'_>) -> Parsed<Extra> {
    let mut extra = Extra::default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Id => keep_silently(cursor, attribute, &mut extra),
            _ => keep(cursor, attribute, &mut extra)?,
        }
    }
    Ok(extra)
}
