//! `Icons` (VAST 4.3, section 3.11).

use super::click::clicks;
use super::extra::{Rest, attributes};
use super::leaf::{text, urls};
use super::resource::resources;
use crate::model::{FallbackImage, Icon, Offset};
use crate::xml::{Emit, Key, Name};

pub(super) fn icons(out: &mut Emit, rest: &mut Rest<'_>, list: &[Icon]) {
    if list.is_empty() {
        return;
    }
    let inner = rest.group(out, Name::Icons);
    for one in list {
        icon(out, one);
    }
    inner.close(out);
    out.end();
}

fn icon(out: &mut Emit, icon: &Icon) {
    let mut rest = Rest::of(&icon.extra);
    icon_attributes(out, icon);
    resources(out, &mut rest, &icon.resources);
    icon_clicks(out, &mut rest, icon);
    urls(out, &mut rest, Name::IconViewTracking, &icon.view_tracking);
    rest.close(out);
    out.end();
}

fn icon_attributes(out: &mut Emit, icon: &Icon) {
    out.start(Name::Icon);
    out.attribute(Key::Program, icon.program.as_ref());
    out.attribute(Key::Width, icon.width);
    out.attribute(Key::Height, icon.height);
    out.attribute(Key::XPosition, icon.x_position.as_ref());
    out.attribute(Key::YPosition, icon.y_position.as_ref());
    out.attribute(Key::Duration, icon.duration.map(Offset::Time));
    out.attribute(Key::Offset, icon.offset);
    out.attribute(Key::ApiFramework, icon.api_framework.as_ref());
    out.attribute(Key::PxRatio, icon.px_ratio.filter(|ratio| ratio.is_finite()));
    out.attribute(Key::AltText, icon.alt_text.as_ref());
    out.attribute(Key::HoverText, icon.hover_text.as_ref());
    attributes(out, &icon.extra);
}

fn icon_clicks(out: &mut Emit, rest: &mut Rest<'_>, icon: &Icon) {
    if icon.fallback_images.is_empty() && icon.click_through.is_none() && icon.click_tracking.is_empty() {
        return;
    }
    let mut inner = rest.group(out, Name::IconClicks);
    fallback_images(out, &mut inner, &icon.fallback_images);
    clicks(out, Name::IconClickThrough, &icon.click_through);
    clicks(out, Name::IconClickTracking, &icon.click_tracking);
    inner.close(out);
    out.end();
}

fn fallback_images(out: &mut Emit, rest: &mut Rest<'_>, list: &[FallbackImage]) {
    if list.is_empty() {
        return;
    }
    let inner = rest.group(out, Name::IconClickFallbackImages);
    for image in list {
        fallback_image(out, image);
    }
    inner.close(out);
    out.end();
}

fn fallback_image(out: &mut Emit, image: &FallbackImage) {
    let mut rest = Rest::of(&image.extra);
    out.start(Name::IconClickFallbackImage);
    out.attribute(Key::Height, image.height);
    out.attribute(Key::Width, image.width);
    attributes(out, &image.extra);
    text(out, &mut rest, Name::AltText, image.alt_text.as_ref());
    resources(out, &mut rest, &image.resources);
    rest.close(out);
    out.end();
}
