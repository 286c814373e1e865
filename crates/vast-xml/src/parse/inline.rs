//! `InLine` (VAST 4.3, section 3.4).

use super::addendum::Addendum;
use super::creative::creatives;
use super::extension::Extensions;
use super::leaf::{labelled, labelled_into, located_in, text, value};
use super::legacy;
use super::link::{links, tracker_urls};
use super::unknown::{container, duplicate, unknown};
use super::verification::{verifications, viewable_impression};
use crate::attributes::read_attributes;
use crate::model::{AdSystem, Advertiser, Category, Click, Extra, Impression, InLine, Pricing, Survey};
use crate::scalar;
use crate::warning::WarningCode;
use crate::xml::{Cursor, Name, Parsed};

/// Reads an `InLine` into `inline`, which is empty.
pub(super) fn inline(cursor: &mut Cursor<'_>, inline: &mut InLine) -> Parsed<()> {
    let start = cursor.tag_start();
    let mut legacy = None;
    let mut extensions = Extensions::default();
    read_attributes(cursor, inline)?;
    while let Some(child) = cursor.child()? {
        match child {
            _ if is_head(child) => head(cursor, child, inline)?,
            Name::Impression => impressions(cursor, &mut inline.impressions, &mut inline.extra)?,
            Name::Error => tracker_urls(cursor, &mut inline.errors, &mut inline.extra)?,
            Name::ViewableImpression => {
                viewable_impression(cursor, &mut inline.viewable_impression, &mut inline.extra)?;
            }
            Name::AdVerifications => verifications(cursor, &mut inline.ad_verifications, &mut inline.extra)?,
            Name::Creatives => creatives(cursor, &mut inline.creatives, &mut inline.extra, &mut extensions.parts)?,
            Name::Extensions => container(cursor, &mut inline.extra, |cursor, child, _| {
                extensions.read(cursor, child, Name::Extension)
            })?,
            _ => legacy::legacy(cursor, child, &mut legacy, &mut inline.extra)?,
        }
    }
    if let Some(legacy) = legacy {
        legacy.into_creatives(cursor, &mut inline.creatives, &mut inline.extra)?;
    }
    inline.extensions = extensions.list;
    if !extensions.parts.is_empty() {
        let mut addendum = Addendum::read(cursor, extensions.parts)?;
        addendum.give_verifications(&mut inline.ad_verifications);
        addendum.give(&mut inline.creatives);
    }
    complain(cursor, inline, start)
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

/// Reads an element that describes the ad, such as `AdTitle` or `Pricing`.
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
        Name::Survey => survey(cursor, &mut inline.surveys, extra)?,
        _ => unknown(cursor, extra)?,
    }
    Ok(())
}

/// Reads an element that may occur only once into its field.
pub(super) fn set<'a, T>(
    cursor: &mut Cursor<'a>,
    place: &mut Option<T>,
    extra: &mut Extra,
    read: fn(&mut Cursor<'a>, &mut Extra, &mut Option<T>) -> Parsed<()>,
) -> Parsed<()> {
    if place.is_some() {
        return duplicate(cursor, extra);
    }
    read(cursor, extra, place)
}

pub(super) fn impressions(cursor: &mut Cursor<'_>, into: &mut Vec<Impression>, outer: &mut Extra) -> Parsed<()> {
    let to_click = |Impression { url, id, extra }| Click { url, id, extra };
    let from_click = |Click { url, id, extra }| Impression { url, id, extra };
    links(cursor, into, outer, |one| &mut one.url, (to_click, from_click))
}

pub(super) fn ad_system(cursor: &mut Cursor<'_>, extra: &mut Extra, into: &mut Option<AdSystem>) -> Parsed<()> {
    let is_empty = |one: &AdSystem| one.name.is_nothing() && one.version.is_none();
    labelled_into(cursor, extra, into, |one| &mut one.name, is_empty)
}

fn advertiser(cursor: &mut Cursor<'_>, extra: &mut Extra, into: &mut Option<Advertiser>) -> Parsed<()> {
    let is_empty = |one: &Advertiser| one.name.is_nothing() && one.id.is_none();
    labelled_into(cursor, extra, into, |one| &mut one.name, is_empty)
}

pub(super) fn pricing(cursor: &mut Cursor<'_>, extra: &mut Extra, into: &mut Option<Pricing>) -> Parsed<()> {
    labelled_into(cursor, extra, into, |one| &mut one.value, |one| one.value.is_nothing())
}

fn category(cursor: &mut Cursor<'_>, extra: &mut Extra) -> Parsed<Option<Category>> {
    labelled(cursor, extra, |one: &mut Category| &mut one.value, |one| one.value.is_empty())
}

fn survey(cursor: &mut Cursor<'_>, into: &mut Vec<Survey>, extra: &mut Extra) -> Parsed<()> {
    located_in(cursor, extra, into, |one| &mut one.url)
}

fn expires(cursor: &mut Cursor<'_>, extra: &mut Extra, into: &mut Option<u64>) -> Parsed<()> {
    *into = value(cursor, extra, scalar::long)?;
    Ok(())
}

/// Warns of each required element that the ad does not have.
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
