//! `CompanionAds` (VAST 4.3, section 3.13).

use super::extension::extension;
use super::form::Form;
use super::part::{Leaf, Part, Writer};
use super::resource;
use super::tag::Tag;
use super::text::text;
use super::tracking::{self, View, views};
use crate::model::{Companion, CompanionAds, Extra, RenderingMode, Required, Tracking};
use crate::xml::{Key, Name};

/// Companions, and their impressions in VAST 1.0.
pub(super) struct CompanionAdsPart<'a> {
    ads: &'a CompanionAds,
    /// The same for each companion.
    views: &'a [Tracking],
    companions: &'a [Companion],
}

impl<'a> CompanionAdsPart<'a> {
    pub(super) fn new(ads: &'a CompanionAds, form: Form) -> CompanionAdsPart<'a> {
        let script = ads.extra.layout.script();
        let number = if form == Form::AsRead { script.items(Name::CompanionImpression) } else { 0 };
        let views = ads.companions.first().map_or(&[] as &[Tracking], |one| views(&one.tracking_events, number));
        if !ads.companions.iter().all(|companion| companion.tracking_events.ends_with(views)) || views.is_empty() {
            return CompanionAdsPart { ads, views: &[], companions: &ads.companions };
        }
        // One without anything else only stands for those of the ad below.
        let stands_for_others = match ads.companions.as_slice() {
            [only] if !script.has_child(Name::Companion) => {
                *only == Companion { tracking_events: views.to_vec(), ..Companion::default() }
            }
            _ => false,
        };
        CompanionAdsPart { ads, views, companions: if stands_for_others { &[] } else { &ads.companions } }
    }
}

impl Part for CompanionAdsPart<'_> {
    fn extra(&self) -> &Extra {
        &self.ads.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.word(Key::Required, self.ads.required.as_ref().map(Required::as_str));
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::Companion => self.companions.len(),
            Name::CompanionImpression => self.views.len(),
            _ => 0,
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, _: Leaf<'_, '_>) {
        if name == Name::CompanionImpression {
            return writer.part(name, &View(&self.views[index]));
        }
        let companion = &self.companions[index];
        let tracking = &companion.tracking_events;
        let tracking = &tracking[..tracking.len() - self.views.len()];
        writer.part(name, &CompanionPart { companion, tracking });
    }
}

/// A companion, and those of its trackers that stand in it.
struct CompanionPart<'a> {
    companion: &'a Companion,
    tracking: &'a [Tracking],
}

impl Part for CompanionPart<'_> {
    fn extra(&self) -> &Extra {
        &self.companion.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Id, self.companion.id.as_ref());
        tag.value(Key::Width, self.companion.width);
        tag.value(Key::Height, self.companion.height);
        tag.value(Key::AssetWidth, self.companion.asset_width);
        tag.value(Key::AssetHeight, self.companion.asset_height);
        tag.value(Key::ExpandedWidth, self.companion.expanded_width);
        tag.value(Key::ExpandedHeight, self.companion.expanded_height);
        tag.text(Key::ApiFramework, self.companion.api_framework.as_ref());
        tag.text(Key::AdSlotId, self.companion.ad_slot_id.as_ref());
        tag.value(Key::PxRatio, self.companion.px_ratio.filter(|ratio| ratio.is_finite()));
        tag.word(Key::RenderingMode, self.companion.rendering_mode.as_ref().map(RenderingMode::as_str));
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::AdParameters => self.companion.ad_parameters.iter().len(),
            Name::AltText => self.companion.alt_text.iter().len(),
            Name::CompanionClickThrough => self.companion.click_through.iter().len(),
            Name::CompanionClickTracking => self.companion.click_tracking.len(),
            Name::CreativeExtension => self.companion.creative_extensions.len(),
            Name::Tracking => self.tracking.len(),
            _ => resource::count(&self.companion.resources, name),
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::AdParameters => {
                self.companion.ad_parameters.iter().for_each(|parameters| writer.part(name, parameters));
            }
            Name::AltText => text(writer, name, leaf, self.companion.alt_text.as_ref()),
            Name::CompanionClickThrough => {
                self.companion.click_through.iter().for_each(|click| writer.part(name, click));
            }
            Name::CompanionClickTracking => writer.part(name, &self.companion.click_tracking[index]),
            Name::CreativeExtension => extension(writer, &self.companion.creative_extensions[index], name),
            Name::Tracking => writer.part(name, &self.tracking[index]),
            _ => resource::item(&self.companion.resources, writer, name, index, leaf),
        }
    }

    fn list_attributes(&self, tag: &mut Tag<'_>, name: Name, index: usize) {
        if name == Name::Tracking {
            tracking::list_attributes(tag, &self.tracking[index]);
        }
    }

    fn can_share_list(&self, name: Name, one: usize, other: usize) -> bool {
        name != Name::Tracking || tracking::can_share_list(self.tracking, one, other)
    }
}
