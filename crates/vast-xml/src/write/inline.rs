//! `InLine` (VAST 4.3, section 3.4), and what it shares with `Wrapper`.

use super::addendum::Carried;
use super::creative::CreativePart;
use super::part::{Content, Leaf, Part, Writer};
use super::tag::Tag;
use crate::Text;
use crate::model::{AdSystem, Extension, Extra, Impression, InLine, Pricing, Verification, ViewableImpression};
use crate::spelling::Spelled;
use crate::xml::{Key, Name};

impl Part for InLine {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::AdServingId => self.ad_serving_id.iter().len(),
            Name::AdTitle => self.ad_title.iter().len(),
            Name::Advertiser => self.advertiser.iter().len(),
            Name::Category => self.categories.len(),
            Name::Creative => self.creatives.len(),
            Name::Description => self.description.iter().len(),
            Name::Expires => self.expires.iter().len(),
            Name::Survey => self.surveys.len(),
            _ => Base::of_inline(self).count(name),
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::AdServingId => text(writer, name, leaf, self.ad_serving_id.as_ref()),
            Name::AdTitle => text(writer, name, leaf, self.ad_title.as_ref()),
            Name::Advertiser => self.advertiser(writer, leaf),
            Name::Category => self.category(writer, index, leaf),
            Name::Creative => {
                writer.part(name, &CreativePart::new(&self.creatives[index], &self.extensions, writer.form));
            }
            Name::Description => text(writer, name, leaf, self.description.as_ref()),
            Name::Expires => {
                let seconds = self.expires.map(|seconds| seconds.spelled()).unwrap_or_default();
                writer.leaf(name, leaf, |_| {}, Content::Value(seconds.into()));
            }
            Name::Survey => self.survey(writer, index, leaf),
            _ => Base::of_inline(self).item(writer, name, index, leaf),
        }
    }
}

impl InLine {
    fn advertiser(&self, writer: &mut Writer, leaf: Leaf<'_, '_>) {
        if let Some(advertiser) = &self.advertiser {
            let attributes = |tag: &mut Tag<'_>| tag.text(Key::Id, advertiser.id.as_ref());
            writer.leaf(Name::Advertiser, leaf, attributes, whole(&advertiser.name));
        }
    }

    fn category(&self, writer: &mut Writer, index: usize, leaf: Leaf<'_, '_>) {
        let category = &self.categories[index];
        let attributes = |tag: &mut Tag<'_>| tag.text(Key::Authority, category.authority.as_ref());
        writer.leaf(Name::Category, leaf, attributes, whole(&category.value));
    }

    fn survey(&self, writer: &mut Writer, index: usize, leaf: Leaf<'_, '_>) {
        let survey = &self.surveys[index];
        let attributes = |tag: &mut Tag<'_>| tag.text(Key::Type, survey.survey_type.as_ref());
        writer.leaf(Name::Survey, leaf, attributes, Content::Uri(&survey.url));
    }
}

/// What `InLine` and `Wrapper` begin with (`AdDefinitionBase_type` of the schema).
pub(super) struct Base<'a> {
    pub(super) ad_system: Option<&'a AdSystem>,
    pub(super) ad_verifications: &'a [Verification],
    pub(super) errors: &'a [Text],
    pub(super) extensions: &'a [Extension],
    pub(super) impressions: &'a [Impression],
    pub(super) pricing: Option<&'a Pricing>,
    pub(super) viewable_impression: Option<&'a ViewableImpression>,
}

impl<'a> Base<'a> {
    fn of_inline(inline: &'a InLine) -> Base<'a> {
        Base {
            ad_system: inline.ad_system.as_ref(),
            ad_verifications: &inline.ad_verifications,
            errors: &inline.errors,
            extensions: &inline.extensions,
            impressions: &inline.impressions,
            pricing: inline.pricing.as_ref(),
            viewable_impression: inline.viewable_impression.as_ref(),
        }
    }

    /// Those that are not in an extension.
    fn verifications(&self) -> &'a [Verification] {
        Carried { of_ad: self.extensions, of_creative: &[] }.others(Name::AdVerifications, self.ad_verifications)
    }

    pub(super) fn count(&self, name: Name) -> usize {
        match name {
            Name::AdSystem => usize::from(self.ad_system.is_some()),
            Name::Error => self.errors.len(),
            Name::Extension => self.extensions.len(),
            Name::Impression => self.impressions.len(),
            Name::Pricing => usize::from(self.pricing.is_some()),
            Name::Verification => self.verifications().len(),
            Name::ViewableImpression => usize::from(self.viewable_impression.is_some()),
            _ => 0,
        }
    }

    pub(super) fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::AdSystem => self.ad_system(writer, leaf),
            Name::Error => writer.leaf(name, leaf, |_| {}, Content::Uri(&self.errors[index])),
            Name::Extension => super::extension::extension(writer, &self.extensions[index], name),
            Name::Impression => writer.part(name, &self.impressions[index]),
            Name::Pricing => self.pricing(writer, leaf),
            Name::Verification => writer.part(name, &self.verifications()[index]),
            _ => self.viewable_impression.into_iter().for_each(|viewable| writer.part(name, viewable)),
        }
    }

    fn ad_system(&self, writer: &mut Writer, leaf: Leaf<'_, '_>) {
        if let Some(system) = self.ad_system {
            let attributes = |tag: &mut Tag<'_>| tag.text(Key::Version, system.version.as_ref());
            writer.leaf(Name::AdSystem, leaf, attributes, whole(&system.name));
        }
    }

    fn pricing(&self, writer: &mut Writer, leaf: Leaf<'_, '_>) {
        if let Some(pricing) = self.pricing {
            let attributes = |tag: &mut Tag<'_>| {
                tag.text(Key::Model, pricing.model.as_ref());
                tag.text(Key::Currency, pricing.currency.as_ref());
            };
            writer.leaf(Name::Pricing, leaf, attributes, whole(&pricing.value));
        }
    }
}

impl Part for Impression {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Id, self.id.as_ref());
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Uri(&self.url))
    }
}

/// A text of which every character counts.
pub(super) fn whole(text: &str) -> Content<'_> {
    Content::Text(text.into())
}

/// A text without attributes, if there is one.
pub(super) fn text(writer: &mut Writer, name: Name, leaf: Leaf<'_, '_>, text: Option<&Text>) {
    if let Some(text) = text {
        writer.leaf(name, leaf, |_| {}, whole(text));
    }
}
