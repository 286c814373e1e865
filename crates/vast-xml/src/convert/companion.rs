//! `CompanionAds`.

use super::leaf::{ad_parameters, click, clicks, resources};
use super::tracking::tracking_events;
use super::unknown::unknown;
use super::walk::{Walk, leaf};
use crate::edition::Unit;
use crate::model::{Companion, CompanionAds};
use crate::xml::{Key, Name};

pub(super) fn companion_ads(walk: &mut Walk, ads: &mut CompanionAds) {
    walk.attribute(Key::Required, &mut ads.required);
    walk.children(Name::Companion, &mut ads.companions, companion);
    unknown(walk, &mut ads.extra);
}

fn companion(walk: &mut Walk, companion: &mut Companion) {
    walk.attribute(Key::AssetWidth, &mut companion.asset_width);
    walk.attribute(Key::AssetHeight, &mut companion.asset_height);
    walk.attribute(Key::AdSlotId, &mut companion.ad_slot_id);
    walk.attribute(Key::PxRatio, &mut companion.px_ratio);
    walk.attribute(Key::RenderingMode, &mut companion.rendering_mode);
    resources(walk, &mut companion.resources);
    walk.child(Name::AdParameters, &mut companion.ad_parameters, ad_parameters);
    walk.child(Name::AltText, &mut companion.alt_text, leaf);
    walk.child(Name::CompanionClickThrough, &mut companion.click_through, click);
    clicks(walk, Name::CompanionClickTracking, &mut companion.click_tracking);
    tracking_events(walk, Unit::Other, &mut companion.tracking_events);
    unknown(walk, &mut companion.extra);
}
