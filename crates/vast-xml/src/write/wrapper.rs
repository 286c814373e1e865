//! `Wrapper` (VAST 4.3, section 3.19).

use super::form::Form;
use super::inline::{Base, verifications};
use super::part::{Content, Leaf, Part, Writer};
use super::tag::Tag;
use super::template::{self, Template};
use crate::model::{Extra, Wrapper};
use crate::xml::{Key, Name};

/// A `Wrapper`.
pub(super) struct WrapperPart<'a> {
    wrapper: &'a Wrapper,
    base: Base<'a>,
}

impl<'a> WrapperPart<'a> {
    pub(super) fn new(wrapper: &'a Wrapper, form: Form) -> WrapperPart<'a> {
        let base = Base {
            ad_system: wrapper.ad_system.as_ref(),
            ad_verifications: verifications(&wrapper.ad_verifications, &wrapper.extensions),
            errors: &wrapper.errors,
            extensions: &wrapper.extensions,
            impressions: &wrapper.impressions,
            pricing: wrapper.pricing.as_ref(),
            template: Template::of(&wrapper.creatives, &wrapper.extensions, wrapper.extra.layout.script(), form),
            viewable_impression: wrapper.viewable_impression.as_ref(),
        };
        WrapperPart { wrapper, base }
    }
}

impl Part for WrapperPart<'_> {
    fn extra(&self) -> &Extra {
        &self.wrapper.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.value(Key::FollowAdditionalWrappers, self.wrapper.follow_additional_wrappers);
        tag.value(Key::AllowMultipleAds, self.wrapper.allow_multiple_ads);
        tag.value(Key::FallbackOnNoAd, self.wrapper.fallback_on_no_ad);
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::BlockedAdCategories => self.wrapper.blocked_ad_categories.len(),
            // The model has an empty one for a missing one.
            Name::VastAdTagUri => usize::from(!self.wrapper.vast_ad_tag_uri.is_empty()),
            _ => self.base.count(name),
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::BlockedAdCategories => self.blocked(writer, index, leaf),
            Name::VastAdTagUri => writer.leaf(name, leaf, |_| {}, Content::Uri(&self.wrapper.vast_ad_tag_uri)),
            _ => self.base.item(writer, name, index, leaf),
        }
    }

    fn list_attributes(&self, tag: &mut Tag<'_>, name: Name, index: usize) {
        self.base.list_attributes(tag, name, index);
    }

    fn can_share_list(&self, name: Name, one: usize, other: usize) -> bool {
        template::can_share_list(&self.base.template, name, one, other)
    }
}

impl WrapperPart<'_> {
    fn blocked(&self, writer: &mut Writer, index: usize, leaf: Leaf<'_, '_>) {
        let blocked = &self.wrapper.blocked_ad_categories[index];
        let attributes = |tag: &mut Tag<'_>| tag.text(Key::Authority, blocked.authority.as_ref());
        writer.leaf(Name::BlockedAdCategories, leaf, attributes, Content::Text(blocked.list().into()));
    }
}
