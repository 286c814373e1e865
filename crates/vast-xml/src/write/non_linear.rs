//! `NonLinearAds` (VAST 4.3, section 3.12, with the additions of 4.4).

use super::click::clicks;
use super::extra::{Rest, attributes};
use super::icon::icons;
use super::leaf::value;
use super::media::Files;
use super::parameters::ad_parameters;
use super::resource::resources;
use super::tracking::tracking_events;
use crate::model::{NonLinear, NonLinearAds, Offset};
use crate::xml::{Emit, Key, Name};

pub(super) fn non_linear_ads(out: &mut Emit, ads: &NonLinearAds) {
    let mut rest = Rest::of(&ads.extra);
    out.start(Name::NonLinearAds);
    attributes(out, &ads.extra);
    tracking_events(out, &mut rest, &ads.tracking_events);
    for ad in &ads.non_linears {
        non_linear(out, ad);
    }
    icons(out, &mut rest, &ads.icons);
    rest.close(out);
    out.end();
}

fn non_linear(out: &mut Emit, ad: &NonLinear) {
    let mut rest = Rest::of(&ad.extra);
    non_linear_attributes(out, ad);
    resources(out, &mut rest, &ad.resources);
    ad_parameters(out, ad.ad_parameters.as_ref());
    clicks(out, Name::NonLinearClickThrough, &ad.click_through);
    clicks(out, Name::NonLinearClickTracking, &ad.click_tracking);
    clicks(out, Name::NonLinearCustomClick, &ad.custom_clicks);
    value(out, &mut rest, Name::Duration, ad.duration.map(Offset::Time));
    let (media, interactive) = (&ad.media_files, &ad.interactive_creative_files);
    Files { captions: &[], media, mezzanines: &[], interactive }.write(out, &mut rest);
    tracking_events(out, &mut rest, &ad.tracking_events);
    rest.close(out);
    out.end();
}

fn non_linear_attributes(out: &mut Emit, ad: &NonLinear) {
    out.start(Name::NonLinear);
    out.attribute(Key::Id, ad.id.as_ref());
    out.attribute(Key::Width, ad.width);
    out.attribute(Key::Height, ad.height);
    out.attribute(Key::ExpandedWidth, ad.expanded_width);
    out.attribute(Key::ExpandedHeight, ad.expanded_height);
    out.attribute(Key::Scalable, ad.scalable);
    out.attribute(Key::MaintainAspectRatio, ad.maintain_aspect_ratio);
    out.attribute(Key::MinSuggestedDuration, ad.min_suggested_duration.map(Offset::Time));
    out.attribute(Key::ApiFramework, ad.api_framework.as_ref());
    attributes(out, &ad.extra);
}
