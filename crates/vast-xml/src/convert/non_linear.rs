//! `NonLinearAds`.

use super::icon::icon;
use super::leaf::{ad_parameters, click, clicks, resources};
use super::media::{interactive_creative_file, media_file};
use super::tracking::tracking_events;
use super::unknown::unknown;
use super::walk::{Walk, leaf};
use crate::edition::Unit;
use crate::model::{NonLinear, NonLinearAds};
use crate::xml::{Key, Name};

pub(super) fn non_linear_ads(walk: &mut Walk, ads: &mut NonLinearAds) {
    raise_trackers(ads);
    tracking_events(walk, Unit::Other, &mut ads.tracking_events);
    walk.children(Name::NonLinear, &mut ads.non_linears, non_linear);
    walk.group(Name::Icons, |walk| walk.children(Name::Icon, &mut ads.icons, icon));
    unknown(walk, &mut ads.extra);
}

/// Trackers that a server put into the ad go where every version has them, as long as they are of the only one.
fn raise_trackers(ads: &mut NonLinearAds) {
    if let [only] = ads.non_linears.as_mut_slice() {
        ads.tracking_events.append(&mut only.tracking_events);
    }
}

fn non_linear(walk: &mut Walk, ad: &mut NonLinear) {
    attributes(walk, ad);
    resources(walk, &mut ad.resources);
    walk.child(Name::AdParameters, &mut ad.ad_parameters, ad_parameters);
    walk.child(Name::NonLinearClickThrough, &mut ad.click_through, click);
    clicks(walk, Name::NonLinearClickTracking, &mut ad.click_tracking);
    clicks(walk, Name::NonLinearCustomClick, &mut ad.custom_clicks);
    walk.child(Name::Duration, &mut ad.duration, leaf);
    walk.group(Name::MediaFiles, |walk| {
        walk.children(Name::MediaFile, &mut ad.media_files, media_file);
        let programs = &mut ad.interactive_creative_files;
        walk.children(Name::InteractiveCreativeFile, programs, interactive_creative_file);
    });
    tracking_events(walk, Unit::Other, &mut ad.tracking_events);
    unknown(walk, &mut ad.extra);
}

fn attributes(walk: &mut Walk, ad: &mut NonLinear) {
    walk.attribute(Key::Id, &mut ad.id);
    walk.attribute(Key::Width, &mut ad.width);
    walk.attribute(Key::Height, &mut ad.height);
    walk.attribute(Key::ExpandedWidth, &mut ad.expanded_width);
    walk.attribute(Key::ExpandedHeight, &mut ad.expanded_height);
    walk.attribute(Key::Scalable, &mut ad.scalable);
    walk.attribute(Key::MaintainAspectRatio, &mut ad.maintain_aspect_ratio);
    walk.attribute(Key::MinSuggestedDuration, &mut ad.min_suggested_duration);
    walk.attribute(Key::ApiFramework, &mut ad.api_framework);
}
