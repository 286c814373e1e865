//! `CompanionAds` (VAST 4.3, section 3.13).

use super::extension::Extensions;
use super::leaf::text;
use super::linear::ad_parameters;
use super::link::{click_through, trackers};
use super::resource::{Described, resource};
use super::scalar::{decimal, integer, scalar, word};
use super::tracking::{self, Unit, tracking_events};
use super::unknown::{close, container, duplicate, keep, unknown};
use crate::model::{Click, Companion, CompanionAds, RenderingMode, Required};
use crate::xml::{Attribute, Cursor, Key, Name, Parsed};

pub(super) fn companion_ads(cursor: &mut Cursor<'_>) -> Parsed<CompanionAds> {
    let mut ads = CompanionAds::default();
    let mut views = Vec::new();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Required => {
                ads.required = word(cursor, &attribute, required, Required::as_str, Required::Other);
            }
            _ => keep(cursor, &attribute, &mut ads.extra)?,
        }
    }
    while let Some(child) = cursor.child()? {
        match child {
            Name::Companion => ads.companions.push(companion(cursor)?),
            Name::CompanionImpression => trackers(cursor, &mut views, &mut ads.extra)?,
            _ => unknown(cursor, &mut ads.extra)?,
        }
    }
    close(cursor, &mut ads.extra);
    viewed(cursor, &mut ads, &views)?;
    Ok(ads)
}

/// VAST 1.0 wrappers name URLs that are called when any companion below is shown: trackers of every companion, or of one
/// without resources that stands for those below.
fn viewed(cursor: &mut Cursor<'_>, ads: &mut CompanionAds, views: &[Click]) -> Parsed<()> {
    if !views.is_empty() && ads.companions.is_empty() {
        ads.companions.push(Companion::default());
    }
    for companion in &mut ads.companions {
        for view in views {
            // Each counts again: many views of many companions would be a bomb.
            cursor.count_tracker()?;
            companion.tracking_events.push(tracking::view(view.clone()));
        }
    }
    Ok(())
}

fn companion(cursor: &mut Cursor<'_>) -> Parsed<Companion> {
    let mut companion = Companion::default();
    let mut extensions = Extensions::default();
    let described = attributes(cursor, &mut companion)?;
    while let Some(child) = cursor.child()? {
        let extra = &mut companion.extra;
        match child {
            Name::AdParameters => ad_parameters(cursor, &mut companion.ad_parameters, extra)?,
            Name::AltText if companion.alt_text.is_none() => companion.alt_text = text(cursor, extra)?,
            Name::AltText => duplicate(cursor, extra)?,
            Name::CompanionClickThrough => click_through(cursor, &mut companion.click_through, extra)?,
            Name::CompanionClickTracking => trackers(cursor, &mut companion.click_tracking, extra)?,
            Name::TrackingEvents => tracking_events(cursor, Unit::Other, &mut companion.tracking_events, extra)?,
            Name::CreativeExtensions => {
                container(cursor, extra, |cursor, child, _| extensions.read(cursor, child, Name::CreativeExtension))?;
            }
            Name::Url => described.resource(cursor, &mut companion.resources, extra)?,
            _ => resource(cursor, child, &mut companion.resources, extra)?,
        }
    }
    close(cursor, &mut companion.extra);
    companion.creative_extensions = extensions.list;
    Ok(companion)
}

fn attributes(cursor: &mut Cursor<'_>, companion: &mut Companion) -> Parsed<Described> {
    let mut described = Described::default();
    let extra = &mut companion.extra;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Id => companion.id = cursor.value(&attribute),
            Key::Width => companion.width = scalar(cursor, &attribute, extra, integer)?,
            Key::Height => companion.height = scalar(cursor, &attribute, extra, integer)?,
            Key::AssetWidth => companion.asset_width = scalar(cursor, &attribute, extra, integer)?,
            Key::AssetHeight => companion.asset_height = scalar(cursor, &attribute, extra, integer)?,
            Key::ExpandedWidth => companion.expanded_width = scalar(cursor, &attribute, extra, integer)?,
            Key::ExpandedHeight => companion.expanded_height = scalar(cursor, &attribute, extra, integer)?,
            Key::ApiFramework => companion.api_framework = cursor.value(&attribute),
            Key::AdSlotId => companion.ad_slot_id = cursor.value(&attribute),
            Key::PxRatio => companion.px_ratio = scalar(cursor, &attribute, extra, decimal)?,
            Key::RenderingMode => {
                companion.rendering_mode = Some(mode(cursor, &attribute));
            }
            Key::ResourceType | Key::CreativeType => described.attribute(cursor, &attribute),
            _ => keep(cursor, &attribute, extra)?,
        }
    }
    Ok(described)
}

fn required(word: &str) -> Option<Required> {
    match word {
        "all" => Some(Required::All),
        "any" => Some(Required::Any),
        "none" => Some(Required::None),
        _ => None,
    }
}

/// An empty one stands for the default.
fn mode<'a>(cursor: &mut Cursor<'a>, attribute: &Attribute<'a>) -> RenderingMode {
    word(cursor, attribute, known_mode, RenderingMode::as_str, RenderingMode::Other).unwrap_or_else(|| {
        cursor.read_as(attribute, RenderingMode::Default.as_str());
        RenderingMode::Default
    })
}

fn known_mode(word: &str) -> Option<RenderingMode> {
    match word {
        "default" => Some(RenderingMode::Default),
        "end-card" => Some(RenderingMode::EndCard),
        "concurrent" => Some(RenderingMode::Concurrent),
        _ => None,
    }
}
