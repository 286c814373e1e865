//! `CompanionAds` (VAST 4.3, section 3.13).

use super::click::clicks;
use super::extension::extensions;
use super::extra::{Rest, attributes};
use super::leaf::text;
use super::parameters::ad_parameters;
use super::resource::resources;
use super::tracking::tracking_events;
use crate::model::{Companion, CompanionAds, RenderingMode, Required};
use crate::xml::{Emit, Key, Name};

pub(super) fn companion_ads(out: &mut Emit, ads: &CompanionAds) {
    out.start(Name::CompanionAds);
    out.attribute(Key::Required, ads.required.as_ref().map(required));
    attributes(out, &ads.extra);
    for one in &ads.companions {
        companion(out, one);
    }
    Rest::of(&ads.extra).close(out);
    out.end();
}

fn companion(out: &mut Emit, companion: &Companion) {
    let mut rest = Rest::of(&companion.extra);
    companion_attributes(out, companion);
    resources(out, &mut rest, &companion.resources);
    ad_parameters(out, companion.ad_parameters.as_ref());
    text(out, &mut rest, Name::AltText, companion.alt_text.as_ref());
    clicks(out, Name::CompanionClickThrough, &companion.click_through);
    clicks(out, Name::CompanionClickTracking, &companion.click_tracking);
    let list = &companion.creative_extensions;
    extensions(out, &mut rest, Name::CreativeExtensions, Name::CreativeExtension, list);
    tracking_events(out, &mut rest, &companion.tracking_events);
    rest.close(out);
    out.end();
}

fn companion_attributes(out: &mut Emit, companion: &Companion) {
    out.start(Name::Companion);
    out.attribute(Key::Id, companion.id.as_ref());
    out.attribute(Key::Width, companion.width);
    out.attribute(Key::Height, companion.height);
    out.attribute(Key::AssetWidth, companion.asset_width);
    out.attribute(Key::AssetHeight, companion.asset_height);
    out.attribute(Key::ExpandedWidth, companion.expanded_width);
    out.attribute(Key::ExpandedHeight, companion.expanded_height);
    out.attribute(Key::ApiFramework, companion.api_framework.as_ref());
    out.attribute(Key::AdSlotId, companion.ad_slot_id.as_ref());
    out.attribute(Key::PxRatio, companion.px_ratio.filter(|ratio| ratio.is_finite()));
    out.attribute(Key::RenderingMode, companion.rendering_mode.as_ref().map(rendering_mode));
    attributes(out, &companion.extra);
}

fn required(required: &Required) -> &str {
    match required {
        Required::All => "all",
        Required::Any => "any",
        Required::None => "none",
        Required::Other(other) => other,
    }
}

fn rendering_mode(mode: &RenderingMode) -> &str {
    match mode {
        RenderingMode::Default => "default",
        RenderingMode::EndCard => "end-card",
        RenderingMode::Concurrent => "concurrent",
        RenderingMode::Other(other) => other,
    }
}
