//! `InLine` (VAST 4.3, section 3.4), and what it shares with `Wrapper`.

use super::addendum::Carried;
use super::creative::CreativePart;
use super::form::Form;
use super::part::{Content, Leaf, Part, Writer};
use super::tag::Tag;
use super::template::{self, Template};
use super::text::{text, whole};
use super::tracking;
use crate::Text;
use crate::model::{AdSystem, Extension, Extra, Impression, InLine, Pricing, Verification, ViewableImpression};
use crate::spelling::Spelled;
use crate::xml::{Key, Name};

/// An `InLine`.
pub(super) struct InLinePart<'a> {
    inline: &'a InLine,
    base: Base<'a>,
}

impl<'a> InLinePart<'a> {
    pub(super) fn new(inline: &'a InLine, form: Form) -> InLinePart<'a> {
        let base = Base {
            ad_system: inline.ad_system.as_ref(),
            ad_verifications: verifications(&inline.ad_verifications, &inline.extensions),
            errors: &inline.errors,
            extensions: &inline.extensions,
            impressions: &inline.impressions,
            pricing: inline.pricing.as_ref(),
            template: Template::of(&inline.creatives, &inline.extensions, inline.extra.layout.script(), form),
            viewable_impression: inline.viewable_impression.as_ref(),
        };
        InLinePart { inline, base }
    }
}

impl Part for InLinePart<'_> {
    fn extra(&self) -> &Extra {
        &self.inline.extra
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::AdServingId => self.inline.ad_serving_id.iter().len(),
            Name::AdTitle => self.inline.ad_title.iter().len(),
            Name::Advertiser => self.inline.advertiser.iter().len(),
            Name::Category => self.inline.categories.len(),
            Name::Description => self.inline.description.iter().len(),
            Name::Expires => self.inline.expires.iter().len(),
            Name::Survey => self.inline.surveys.len(),
            _ => self.base.count(name),
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::AdServingId => text(writer, name, leaf, self.inline.ad_serving_id.as_ref()),
            Name::AdTitle => text(writer, name, leaf, self.inline.ad_title.as_ref()),
            Name::Advertiser => self.advertiser(writer, leaf),
            Name::Category => self.category(writer, index, leaf),
            Name::Description => text(writer, name, leaf, self.inline.description.as_ref()),
            Name::Expires => {
                let seconds = self.inline.expires.map(|seconds| seconds.spelled()).unwrap_or_default();
                writer.leaf(name, leaf, |_| {}, Content::Value(seconds.into()));
            }
            Name::Survey => self.survey(writer, index, leaf),
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

impl InLinePart<'_> {
    fn advertiser(&self, writer: &mut Writer, leaf: Leaf<'_, '_>) {
        if let Some(advertiser) = &self.inline.advertiser {
            let attributes = |tag: &mut Tag<'_>| tag.text(Key::Id, advertiser.id.as_ref());
            writer.leaf(Name::Advertiser, leaf, attributes, whole(&advertiser.name));
        }
    }

    fn category(&self, writer: &mut Writer, index: usize, leaf: Leaf<'_, '_>) {
        let category = &self.inline.categories[index];
        let attributes = |tag: &mut Tag<'_>| tag.text(Key::Authority, category.authority.as_ref());
        writer.leaf(Name::Category, leaf, attributes, whole(&category.value));
    }

    fn survey(&self, writer: &mut Writer, index: usize, leaf: Leaf<'_, '_>) {
        let survey = &self.inline.surveys[index];
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
    pub(super) template: Template<'a>,
    pub(super) viewable_impression: Option<&'a ViewableImpression>,
}

/// Those that are not in an extension.
pub(super) fn verifications<'a>(list: &'a [Verification], of_ad: &'a [Extension]) -> &'a [Verification] {
    Carried { of_ad, of_creative: &[] }.others(Name::AdVerifications, list)
}

impl Base<'_> {
    pub(super) fn count(&self, name: Name) -> usize {
        match name {
            Name::AdSystem => usize::from(self.ad_system.is_some()),
            Name::Creative => self.template.creatives.len(),
            Name::Error => self.errors.len(),
            Name::Extension => self.extensions.len(),
            Name::Impression => self.impressions.len(),
            Name::Pricing => usize::from(self.pricing.is_some()),
            Name::Verification => self.ad_verifications.len(),
            Name::ViewableImpression => usize::from(self.viewable_impression.is_some()),
            _ => self.template.count(name),
        }
    }

    pub(super) fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::AdSystem => self.ad_system(writer, leaf),
            Name::Creative => {
                let creative = CreativePart::new(self.template.creatives[index], self.extensions, writer.form);
                writer.part(name, &creative);
            }
            Name::Error => writer.leaf(name, leaf, |_| {}, Content::Uri(&self.errors[index])),
            Name::Extension => super::extension::extension(writer, &self.extensions[index], name),
            Name::Impression => writer.part(name, &self.impressions[index]),
            Name::Pricing => self.pricing(writer, leaf),
            Name::Verification => writer.part(name, &self.ad_verifications[index]),
            Name::ViewableImpression => {
                self.viewable_impression.into_iter().for_each(|viewable| writer.part(name, viewable));
            }
            _ => self.template.item(writer, name, index, leaf),
        }
    }

    pub(super) fn list_attributes(&self, tag: &mut Tag<'_>, name: Name, index: usize) {
        if name == Name::Tracking {
            tracking::list_attributes(tag, &self.template.tracking()[index]);
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
