//! `CompanionAds` (VAST 4.3, section 3.13).

use super::extension::extension;
use super::inline::text;
use super::part::{Leaf, Part, Writer};
use super::tag::Tag;
use super::{resource, tracking};
use crate::model::{Companion, CompanionAds, Extra, RenderingMode, Required};
use crate::xml::{Key, Name};

impl Part for CompanionAds {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.word(Key::Required, self.required.as_ref().map(Required::as_str));
    }

    fn count(&self, name: Name) -> usize {
        if name == Name::Companion { self.companions.len() } else { 0 }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, _: Leaf<'_, '_>) {
        writer.part(name, &self.companions[index]);
    }
}

impl Part for Companion {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Id, self.id.as_ref());
        tag.value(Key::Width, self.width);
        tag.value(Key::Height, self.height);
        tag.value(Key::AssetWidth, self.asset_width);
        tag.value(Key::AssetHeight, self.asset_height);
        tag.value(Key::ExpandedWidth, self.expanded_width);
        tag.value(Key::ExpandedHeight, self.expanded_height);
        tag.text(Key::ApiFramework, self.api_framework.as_ref());
        tag.text(Key::AdSlotId, self.ad_slot_id.as_ref());
        tag.value(Key::PxRatio, self.px_ratio.filter(|ratio| ratio.is_finite()));
        tag.word(Key::RenderingMode, self.rendering_mode.as_ref().map(RenderingMode::as_str));
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::AdParameters => self.ad_parameters.iter().len(),
            Name::AltText => self.alt_text.iter().len(),
            Name::CompanionClickThrough => self.click_through.iter().len(),
            Name::CompanionClickTracking => self.click_tracking.len(),
            Name::CreativeExtension => self.creative_extensions.len(),
            Name::Tracking => self.tracking_events.len(),
            _ => resource::count(&self.resources, name),
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::AdParameters => self.ad_parameters.iter().for_each(|parameters| writer.part(name, parameters)),
            Name::AltText => text(writer, name, leaf, self.alt_text.as_ref()),
            Name::CompanionClickThrough => self.click_through.iter().for_each(|click| writer.part(name, click)),
            Name::CompanionClickTracking => writer.part(name, &self.click_tracking[index]),
            Name::CreativeExtension => extension(writer, &self.creative_extensions[index], name),
            Name::Tracking => writer.part(name, &self.tracking_events[index]),
            _ => resource::item(&self.resources, writer, name, index, leaf),
        }
    }

    fn list_attributes(&self, tag: &mut Tag<'_>, name: Name, index: usize) {
        if name == Name::Tracking {
            tracking::list_attributes(tag, &self.tracking_events[index]);
        }
    }

    fn can_share_list(&self, name: Name, one: usize, other: usize) -> bool {
        name != Name::Tracking || tracking::can_share_list(&self.tracking_events, one, other)
    }
}
