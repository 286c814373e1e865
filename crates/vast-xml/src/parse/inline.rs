//! `InLine` (VAST 4.3, section 3.4).

use super::addendum::Addendum;
use super::creative::creatives;
use super::extension::Extensions;
use super::leaf::{content, text, url_content};
use super::link::{links, tracker_urls};
use super::scalar::{element_scalar, long};
use super::unknown::{Residue, close, container, duplicate, keep, keep_in_vain, unknown};
use super::verification::verifications;
use super::video;
use super::viewable::viewable_impression;
use crate::model::{AdSystem, Advertiser, Category, Click, Extra, Impression, InLine, Pricing, Survey};
use crate::xml::{Cursor, Key, Name, Parsed, Spacing};
use crate::{Text, WarningCode};

pub(super) fn inline(cursor: &mut Cursor<'_>) -> Parsed<InLine> {
    let start = cursor.tag_start();
    let mut inline = InLine::default();
    let mut legacy = video::Legacy::default();
    let mut extensions = Extensions::default();
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, &attribute, &mut inline.extra)?;
    }
    while let Some(child) = cursor.child()? {
        match child {
            _ if is_head(child) => head(cursor, child, &mut inline)?,
            Name::Impression => impressions(cursor, &mut inline.impressions, &mut inline.extra)?,
            Name::Error => tracker_urls(cursor, &mut inline.errors, &mut inline.extra)?,
            Name::ViewableImpression => {
                viewable_impression(cursor, &mut inline.viewable_impression, &mut inline.extra)?;
            }
            Name::AdVerifications => verifications(cursor, &mut inline.ad_verifications, &mut inline.extra)?,
            Name::Creatives => creatives(cursor, &mut inline.creatives, &mut inline.extra)?,
            Name::Extensions => container(cursor, &mut inline.extra, |cursor, child, _| {
                extensions.read(cursor, child, Name::Extension)
            })?,
            _ => video::legacy(cursor, child, &mut legacy, &mut inline.extra)?,
        }
    }
    close(cursor, &mut inline.extra);
    legacy.into_creatives(cursor, &mut inline.creatives)?;
    inline.extensions = extensions.list;
    let mut addendum = Addendum::read(cursor, extensions.parts)?;
    addendum.give_verifications(&mut inline.ad_verifications);
    addendum.give(&mut inline.creatives);
    complain(cursor, &inline, start)?;
    Ok(inline)
}

fn is_head(child: Name) -> bool {
    matches!(
        child,
        Name::AdSystem
            | Name::AdTitle
            | Name::AdServingId
            | Name::Category
            | Name::Description
            | Name::Advertiser
            | Name::Pricing
            | Name::Survey
            | Name::Expires
    )
}

/// The elements that say what the ad is.
fn head(cursor: &mut Cursor<'_>, child: Name, inline: &mut InLine) -> Parsed<()> {
    let extra = &mut inline.extra;
    match child {
        Name::AdSystem => set(cursor, &mut inline.ad_system, extra, ad_system)?,
        Name::AdTitle => set(cursor, &mut inline.ad_title, extra, text)?,
        Name::AdServingId => set(cursor, &mut inline.ad_serving_id, extra, text)?,
        Name::Description => set(cursor, &mut inline.description, extra, text)?,
        Name::Advertiser => set(cursor, &mut inline.advertiser, extra, advertiser)?,
        Name::Pricing => set(cursor, &mut inline.pricing, extra, pricing)?,
        Name::Expires => set(cursor, &mut inline.expires, extra, expires)?,
        Name::Category => inline.categories.extend(category(cursor, extra)?),
        Name::Survey => inline.surveys.extend(survey(cursor, extra)?),
        _ => unknown(cursor, extra)?,
    }
    Ok(())
}

/// Fills a place that may be filled once.
pub(super) fn set<'a, T>(
    cursor: &mut Cursor<'a>,
    place: &mut Option<T>,
    extra: &mut Extra,
    read: fn(&mut Cursor<'a>, &mut Extra) -> Parsed<Option<T>>,
) -> Parsed<()> {
    if place.is_some() {
        return duplicate(cursor, extra);
    }
    *place = read(cursor, extra)?;
    Ok(())
}

pub(super) fn impressions(cursor: &mut Cursor<'_>, into: &mut Vec<Impression>, outer: &mut Extra) -> Parsed<()> {
    links(cursor, outer, &mut |cursor, Click { url, id, extra }| {
        cursor.count_tracker()?;
        into.push(Impression { url, id, extra });
        Ok(())
    })
}

/// Reads a text with up to two attributes. Kept as an unknown element when `is_empty` says that it says nothing.
fn labelled<T>(
    cursor: &mut Cursor<'_>,
    outer: &mut Extra,
    keys: [Key; 2],
    is_empty: fn(&Labelled) -> bool,
    make: fn(Labelled) -> T,
) -> Parsed<Option<T>> {
    let start = cursor.tag_start();
    let mut labelled = Labelled::default();
    let mut residue = Residue::of(cursor);
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            key if key == keys[0] => labelled.first = cursor.value(&attribute),
            key if key == keys[1] => labelled.second = cursor.value(&attribute),
            _ => keep(cursor, &attribute, &mut residue.extra)?,
        }
    }
    labelled.text = content(cursor, Spacing::Trimmed, &mut residue.extra)?;
    if is_empty(&labelled) {
        keep_in_vain(cursor, start, outer)?;
        return Ok(None);
    }
    residue.close(cursor, outer);
    Ok(Some(make(labelled)))
}

/// A text with attributes of its own.
#[derive(Default)]
struct Labelled {
    text: Text,
    first: Option<Text>,
    second: Option<Text>,
}

impl Labelled {
    fn is_without_text(&self) -> bool {
        self.text.is_empty()
    }

    fn is_without_all(&self) -> bool {
        self.text.is_empty() && self.first.is_none()
    }
}

pub(super) fn ad_system(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<Option<AdSystem>> {
    labelled(cursor, extra, [Key::Version; 2], Labelled::is_without_all, |read| AdSystem {
        name: read.text,
        version: read.first,
    })
}

fn advertiser(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<Option<Advertiser>> {
    labelled(cursor, extra, [Key::Id; 2], Labelled::is_without_all, |read| Advertiser {
        name: read.text,
        id: read.first,
    })
}

pub(super) fn pricing(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<Option<Pricing>> {
    labelled(cursor, extra, [Key::Model, Key::Currency], Labelled::is_without_text, |read| Pricing {
        value: read.text,
        model: read.first,
        currency: read.second,
    })
}

fn category(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<Option<Category>> {
    labelled(cursor, extra, [Key::Authority; 2], Labelled::is_without_text, |read| Category {
        value: read.text,
        authority: read.first,
    })
}

fn survey(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<Option<Survey>> {
    let start = cursor.tag_start();
    let mut residue = Residue::of(cursor);
    let mut survey_type = None;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Type => survey_type = cursor.value(&attribute),
            _ => keep(cursor, &attribute, &mut residue.extra)?,
        }
    }
    let url = url_content(cursor, &mut residue.extra)?;
    if url.is_empty() {
        cursor.warn_at(WarningCode::EmptyUrl, "no URL in it", start)?;
        keep_in_vain(cursor, start, extra)?;
        return Ok(None);
    }
    residue.close(cursor, extra);
    Ok(Some(Survey { url, survey_type }))
}

fn expires(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<Option<u64>> {
    element_scalar(cursor, Name::Expires, extra, long)
}

/// Says what the standard requires and the ad does not have.
fn complain(cursor: &mut Cursor<'_>, inline: &InLine, start: usize) -> Parsed<()> {
    let required = [
        (inline.ad_system.is_some(), "<InLine> without <AdSystem>"),
        (inline.ad_title.is_some(), "<InLine> without <AdTitle>"),
        (!inline.impressions.is_empty(), "<InLine> without <Impression>"),
        (!inline.creatives.is_empty(), "<InLine> without <Creative>"),
    ];
    for (_, message) in required.into_iter().filter(|(there, _)| !there) {
        cursor.warn_at(WarningCode::MissingElement, message, start)?;
    }
    Ok(())
}
