//! Elements that are a URL with an owner, or in VAST 1.0 a list of such URLs.

use super::leaf::content;
use super::unknown::{Residue, close, keep, keep_in_vain, keep_silently, unknown};
use crate::model::{Attribute, Click, Element, Extra, Node};
use crate::xml::{Cursor, Key, Name, Parsed, Pieces, Spacing};
use crate::{Text, WarningCode};

/// What is done with a URL.
pub(crate) type Each<'e, 'a> = &'e mut dyn FnMut(&mut Cursor<'a>, Click) -> Parsed<()>;

/// URLs that may have to be called.
pub(super) fn trackers(cursor: &mut Cursor<'_>, into: &mut Vec<Click>, outer: &mut Extra) -> Parsed<()> {
    links(cursor, outer, &mut |cursor, click| {
        cursor.count_tracker()?;
        into.push(click);
        Ok(())
    })
}

/// The one landing page: the first URL counts.
pub(super) fn click_through(cursor: &mut Cursor<'_>, into: &mut Option<Click>, outer: &mut Extra) -> Parsed<()> {
    if into.is_some() {
        return super::unknown::duplicate(cursor, outer);
    }
    let click = attributes(cursor)?;
    urls(cursor, click, 1, outer, &mut |_, click| {
        *into = Some(click);
        Ok(())
    })
}

/// URLs with an `id`: the element's own text, or each `URL` child (VAST 1.0).
pub(super) fn links<'a>(cursor: &mut Cursor<'a>, outer: &mut Extra, each: Each<'_, 'a>) -> Parsed<()> {
    let click = attributes(cursor)?;
    urls(cursor, click, usize::MAX, outer, each)
}

/// A URL with nothing but its attributes yet.
fn attributes(cursor: &mut Cursor<'_>) -> Parsed<Click> {
    let mut click = Click::default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Id => click.id = cursor.value(&attribute),
            _ => keep(cursor, &attribute, &mut click.extra)?,
        }
    }
    Ok(click)
}

/// The URLs in the content of the element in hand, at most so many, the attributes of which were read into `click`.
pub(crate) fn urls<'a>(
    cursor: &mut Cursor<'a>,
    mut click: Click,
    most: usize,
    outer: &mut Extra,
    each: Each<'_, 'a>,
) -> Parsed<()> {
    let start = cursor.tag_start();
    let name = cursor.tag_name();
    let mut pieces = Pieces::new(Spacing::Uri);
    let mut listed = 0;
    while let Some(child) = cursor.next(&mut pieces)? {
        match child {
            Name::Url if listed < most => listed += usize::from(listed_url(cursor, &mut click.extra, each)?),
            _ => unknown(cursor, &mut click.extra)?,
        }
    }
    click.url = cursor.finish(pieces);
    match (click.url.is_empty(), listed) {
        (false, 0) => {
            close(cursor, &mut click.extra);
            each(cursor, click)
        }
        (true, 0) => {
            cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
            keep_in_vain(cursor, start, outer)
        }
        (is_empty, _) => {
            set_aside_rest(cursor, name, &click, outer);
            if is_empty || listed >= most {
                return Ok(());
            }
            cursor.content_is_item();
            each(cursor, click)
        }
    }
}

/// One `URL` of a list; whether there is one in it.
fn listed_url<'a>(cursor: &mut Cursor<'a>, outer: &mut Extra, each: Each<'_, 'a>) -> Parsed<bool> {
    let start = cursor.tag_start();
    let mut click = attributes(cursor)?;
    click.url = content(cursor, Spacing::Uri, &mut click.extra)?;
    if click.url.is_empty() {
        cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
        keep_in_vain(cursor, start, outer)?;
        return Ok(false);
    }
    close(cursor, &mut click.extra);
    each(cursor, click)?;
    Ok(true)
}

/// Keeps what the element around a list of URLs has of its own.
fn set_aside_rest(cursor: &mut Cursor<'_>, name: &str, list: &Click, outer: &mut Extra) {
    let id = list.id.clone().map(id_attribute);
    let attributes: Vec<Attribute> = id.into_iter().chain(list.extra.attributes.iter().cloned()).collect();
    let children: Vec<Node> = list.extra.elements.iter().cloned().map(Node::Element).collect();
    if attributes.is_empty() && children.is_empty() {
        return;
    }
    outer.elements.push(Element { name: cursor.text_of(cursor.range_of(name)), attributes, children });
    cursor.set_aside_rest();
}

/// `@id` as an unknown attribute, for parts that have no place for it.
pub(crate) fn id_attribute(value: Text) -> Attribute {
    Attribute { name: Text::from(Key::Id.as_str()), value }
}

/// URLs that may have to be called and have nothing but themselves.
pub(super) fn tracker_urls(cursor: &mut Cursor<'_>, into: &mut Vec<Text>, outer: &mut Extra) -> Parsed<()> {
    let start = cursor.tag_start();
    let mut residue = Residue::of(cursor);
    plain_attributes(cursor, &mut residue.extra)?;
    let mut pieces = Pieces::new(Spacing::Uri);
    let mut listed = false;
    while let Some(child) = cursor.next(&mut pieces)? {
        match child {
            Name::Url => listed |= listed_tracker_url(cursor, into, &mut residue.extra)?,
            _ => unknown(cursor, &mut residue.extra)?,
        }
    }
    let url = cursor.finish(pieces);
    if url.is_empty() && !listed {
        cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
        return keep_in_vain(cursor, start, outer);
    }
    residue.close(cursor, outer);
    if url.is_empty() {
        return Ok(());
    }
    if listed {
        cursor.content_is_item();
    }
    cursor.count_tracker()?;
    into.push(url);
    Ok(())
}

fn listed_tracker_url(cursor: &mut Cursor<'_>, into: &mut Vec<Text>, outer: &mut Extra) -> Parsed<bool> {
    let start = cursor.tag_start();
    let mut residue = Residue::of(cursor);
    plain_attributes(cursor, &mut residue.extra)?;
    let url = content(cursor, Spacing::Uri, &mut residue.extra)?;
    if url.is_empty() {
        cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
        keep_in_vain(cursor, start, outer)?;
        return Ok(false);
    }
    cursor.count_tracker()?;
    into.push(url);
    residue.close(cursor, outer);
    Ok(true)
}

/// Attributes of which none has a place; an `id` is nothing to complain about.
fn plain_attributes(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<()> {
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Id => keep_silently(cursor, &attribute, extra),
            _ => keep(cursor, &attribute, extra)?,
        }
    }
    Ok(())
}
