//! `Creatives` (VAST 4.3, sections 3.6 and 3.7).

use super::addendum::Carried;
use super::companion::CompanionAdsPart;
use super::extension::{Claims, extension};
use super::form::Form;
use super::linear::{LinearPart, Shown};
use super::non_linear::NonLinearAdsPart;
use super::part::{Content, Leaf, Part, Writer};
use super::tag::Tag;
use crate::model::{Creative, Extension, Extra, UniversalAdId};
use crate::xml::{Key, Name};

/// A creative.
pub(super) struct CreativePart<'a> {
    creative: &'a Creative,
    universal_ad_ids: &'a [UniversalAdId],
    carried: Carried<'a>,
    claims: Claims<'a>,
}

impl<'a> CreativePart<'a> {
    /// A creative of an ad with these extensions.
    pub(super) fn new(creative: &'a Creative, of_ad: &'a [Extension], form: Form) -> CreativePart<'a> {
        let carried = Carried { of_ad, of_creative: &creative.creative_extensions };
        let universal_ad_ids = carried.others(Name::UniversalAdId, &creative.universal_ad_ids);
        CreativePart { creative, universal_ad_ids, carried, claims: Claims::of(creative, form) }
    }
}

impl Part for CreativePart<'_> {
    fn extra(&self) -> &Extra {
        &self.creative.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Id, self.creative.id.as_ref());
        tag.value(Key::Sequence, self.creative.sequence);
        tag.text(Key::AdId, self.creative.ad_id.as_ref());
        tag.text(Key::ApiFramework, self.creative.api_framework.as_ref());
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::CompanionAds => self.creative.companion_ads.iter().len(),
            Name::CreativeExtension => self.claims.own.len(),
            Name::Linear => self.creative.linear.iter().len(),
            Name::NonLinearAds => self.creative.non_linear_ads.iter().len(),
            Name::UniversalAdId => self.universal_ad_ids.len(),
            _ => 0,
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, _: Leaf<'_, '_>) {
        let creative = self.creative;
        match name {
            Name::CompanionAds => {
                creative
                    .companion_ads
                    .iter()
                    .for_each(|ads| writer.part(name, &CompanionAdsPart::new(ads, writer.form)));
            }
            Name::CreativeExtension => extension(writer, self.claims.own[index], name),
            Name::Linear => {
                let (carried, extensions) = (self.carried, self.claims.linear);
                let linear = creative.linear.iter().map(|linear| LinearPart {
                    linear,
                    shown: Shown::of(linear),
                    carried,
                    extensions,
                });
                linear.for_each(|linear| writer.part(name, &linear));
            }
            Name::NonLinearAds => {
                let (extensions, form) = (&self.claims.non_linears, writer.form);
                let ads = creative
                    .non_linear_ads
                    .iter()
                    .map(|ads| NonLinearAdsPart::new(ads, &ads.tracking_events, extensions, form));
                ads.for_each(|ads| writer.part(name, &ads));
            }
            _ => writer.part(name, &self.universal_ad_ids[index]),
        }
    }
}

impl Part for UniversalAdId {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::IdRegistry, self.registry.as_ref());
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Text(self.value.as_str().into()))
    }
}
