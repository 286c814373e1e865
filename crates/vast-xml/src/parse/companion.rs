//! `CompanionAds` (VAST 4.3, section 3.13).

use super::extension::Extensions;
use super::leaf::text;
use super::linear::ad_parameters;
use super::link::{click_through, trackers, view_trackers};
use super::list::added;
use super::resource::{Described, resource};
use super::tracking::{self, tracking_events};
use super::unknown::{container, duplicate, unknown};
use crate::attributes::read_attributes;
use crate::edition::Unit;
use crate::model::{Click, Companion, CompanionAds};
use crate::xml::{Cursor, Name, Parsed};

pub(super) fn companion_ads(cursor: &mut Cursor<'_>) -> Parsed<CompanionAds> {
    let mut ads = CompanionAds::default();
    let mut views = Vec::new();
    read_attributes(cursor, &mut ads)?;
    while let Some(child) = cursor.child()? {
        match child {
            Name::Companion => companion(cursor, added(&mut ads.companions))?,
            Name::CompanionImpression => view_trackers(cursor, &mut views, &mut ads.extra)?,
            _ => unknown(cursor, &mut ads.extra)?,
        }
    }
    viewed(cursor, &mut ads, &views)?;
    Ok(ads)
}

/// VAST 1.0 wrappers have URLs to call when any companion of the wrapped ad is shown. They become trackers of every
/// companion in the wrapper. If the wrapper has no companion, one without resources is added for them.
fn viewed(cursor: &mut Cursor<'_>, ads: &mut CompanionAds, views: &[Click]) -> Parsed<()> {
    if !views.is_empty() && ads.companions.is_empty() {
        ads.companions.push(Companion::default());
    }
    for companion in &mut ads.companions {
        for view in views {
            // Each copy counts towards the limit, because many URLs for many companions would make too many trackers.
            cursor.count_tracker()?;
            companion.tracking_events.push(tracking::view(view.clone()));
        }
    }
    Ok(())
}

/// Reads a `Companion` into an empty one.
fn companion(cursor: &mut Cursor<'_>, companion: &mut Companion) -> Parsed<()> {
    let mut extensions = Extensions::default();
    let mut described = Described::read(cursor, companion)?;
    while let Some(child) = cursor.child()? {
        let extra = &mut companion.extra;
        match child {
            Name::AdParameters => ad_parameters(cursor, &mut companion.ad_parameters, extra)?,
            Name::AltText if companion.alt_text.is_none() => text(cursor, extra, &mut companion.alt_text)?,
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
    described.keep_unused(&mut companion.extra);
    companion.creative_extensions = extensions.list;
    Ok(())
}
