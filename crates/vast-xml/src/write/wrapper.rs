//! `Wrapper` (VAST 4.3, section 3.19).

use super::creative::CreativePart;
use super::inline::Base;
use super::part::{Content, Leaf, Part, Writer};
use super::tag::Tag;
use crate::model::{Extra, Wrapper};
use crate::xml::{Key, Name};

impl Part for Wrapper {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.value(Key::FollowAdditionalWrappers, self.follow_additional_wrappers);
        tag.value(Key::AllowMultipleAds, self.allow_multiple_ads);
        tag.value(Key::FallbackOnNoAd, self.fallback_on_no_ad);
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::BlockedAdCategories => self.blocked_ad_categories.len(),
            Name::Creative => self.creatives.len(),
            // The model has an empty one for a missing one.
            Name::VastAdTagUri => usize::from(!self.vast_ad_tag_uri.is_empty()),
            _ => self.base().count(name),
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::BlockedAdCategories => self.blocked(writer, index, leaf),
            Name::Creative => {
                writer.part(name, &CreativePart::new(&self.creatives[index], &self.extensions, writer.form));
            }
            Name::VastAdTagUri => writer.leaf(name, leaf, |_| {}, Content::Uri(&self.vast_ad_tag_uri)),
            _ => self.base().item(writer, name, index, leaf),
        }
    }
}

impl Wrapper {
    fn base(&self) -> Base<'_> {
        Base {
            ad_system: self.ad_system.as_ref(),
            ad_verifications: &self.ad_verifications,
            errors: &self.errors,
            extensions: &self.extensions,
            impressions: &self.impressions,
            pricing: self.pricing.as_ref(),
            viewable_impression: self.viewable_impression.as_ref(),
        }
    }

    fn blocked(&self, writer: &mut Writer, index: usize, leaf: Leaf<'_, '_>) {
        let blocked = &self.blocked_ad_categories[index];
        let attributes = |tag: &mut Tag<'_>| tag.text(Key::Authority, blocked.authority.as_ref());
        writer.leaf(Name::BlockedAdCategories, leaf, attributes, Content::Text(blocked.list().into()));
    }
}
