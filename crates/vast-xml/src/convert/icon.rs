//! `Icons`.

use super::leaf::{click, clicks, resources};
use super::unknown::unknown;
use super::walk::{Walk, leaf};
use crate::model::{FallbackImage, Icon};
use crate::xml::{Key, Name};

pub(super) fn icon(walk: &mut Walk, icon: &mut Icon) {
    walk.attribute(Key::PxRatio, &mut icon.px_ratio);
    walk.attribute(Key::AltText, &mut icon.alt_text);
    walk.attribute(Key::HoverText, &mut icon.hover_text);
    resources(walk, &mut icon.resources);
    walk.group(Name::IconClicks, |walk| {
        walk.child(Name::IconClickThrough, &mut icon.click_through, click);
        clicks(walk, Name::IconClickTracking, &mut icon.click_tracking);
        walk.group(Name::IconClickFallbackImages, |walk| {
            walk.children(Name::IconClickFallbackImage, &mut icon.fallback_images, fallback_image);
        });
    });
    walk.children(Name::IconViewTracking, &mut icon.view_tracking, leaf);
    unknown(walk, &mut icon.extra);
}

fn fallback_image(walk: &mut Walk, image: &mut FallbackImage) {
    resources(walk, &mut image.resources);
    unknown(walk, &mut image.extra);
}
