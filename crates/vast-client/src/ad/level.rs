//! What a wrapper and an `InLine` have in common.

use vast_xml::Text;
use vast_xml::model::{
    AdSystem, Companion, CompanionAds, Creative, Extension, Impression, InLine, Linear, NonLinear, NonLinearAds,
    Pricing, Verification, ViewableImpression, Wrapper,
};

use super::document::DocumentInfo;
use super::inherited::{Inherited, inherited};
use super::place::{Placed, placed};
use super::tree::WrapperLevel;

/// One level of a resolved ad: a wrapper above it, or the `InLine` itself. What both may have.
#[derive(Debug, Clone, Copy)]
pub struct Level<'a> {
    /// The document that holds it.
    pub document: &'a DocumentInfo,
    /// `Ad@id`.
    pub ad_id: Option<&'a Text>,
    /// `AdSystem` (VAST 4.3 section 3.4.1).
    pub ad_system: Option<&'a AdSystem>,
    /// `Impression` (3.4.4).
    pub impressions: &'a [Impression],
    /// `Error` (3.4.11).
    pub errors: &'a [Text],
    /// `Pricing` (3.4.8).
    pub pricing: Option<&'a Pricing>,
    /// `ViewableImpression` (3.5).
    pub viewable_impression: Option<&'a ViewableImpression>,
    /// `AdVerifications` (3.16).
    pub ad_verifications: &'a [Verification],
    /// `Creatives` (3.6).
    pub creatives: &'a [Creative],
    /// `Extensions` (3.18).
    pub extensions: &'a [Extension],
}

/// Whether what is about the `InLine`'s creative of number `of`, or about all, is about creative number `creative`.
pub(crate) fn applies(of: Option<usize>, creative: usize) -> bool {
    of.is_none_or(|of| of == creative)
}

impl<'a> Level<'a> {
    pub(super) fn of_wrapper(level: &'a WrapperLevel) -> Self {
        let Wrapper {
            ad_system,
            impressions,
            errors,
            pricing,
            viewable_impression,
            ad_verifications,
            creatives,
            extensions,
            ..
        } = &level.wrapper;
        Self {
            document: &level.document,
            ad_id: level.ad_id.as_ref(),
            ad_system: ad_system.as_ref(),
            impressions,
            errors,
            pricing: pricing.as_ref(),
            viewable_impression: viewable_impression.as_ref(),
            ad_verifications,
            creatives,
            extensions,
        }
    }

    pub(super) fn of_inline(document: &'a DocumentInfo, ad_id: Option<&'a Text>, inline: &'a InLine) -> Self {
        let InLine {
            ad_system,
            impressions,
            errors,
            pricing,
            viewable_impression,
            ad_verifications,
            creatives,
            extensions,
            ..
        } = inline;
        Self {
            document,
            ad_id,
            ad_system: ad_system.as_ref(),
            impressions,
            errors,
            pricing: pricing.as_ref(),
            viewable_impression: viewable_impression.as_ref(),
            ad_verifications,
            creatives,
            extensions,
        }
    }

    /// The number of the document.
    pub fn hop(&self) -> u32 {
        self.document.hop
    }

    pub(super) fn inherit<T>(self, items: &'a [T]) -> impl DoubleEndedIterator<Item = Inherited<'a, T>> + use<'a, T> {
        inherited(self.hop(), items)
    }

    /// Its verifications with their places.
    pub(crate) fn placed_verifications(self) -> impl Iterator<Item = Placed<'a, Verification>> {
        placed(self.hop(), 0, self.ad_verifications)
    }

    pub(super) fn linears(self) -> impl Iterator<Item = &'a Linear> {
        self.creatives.iter().filter_map(|creative| creative.linear.as_ref())
    }

    pub(super) fn non_linear_ads(self) -> impl Iterator<Item = &'a NonLinearAds> {
        self.creatives.iter().filter_map(|creative| creative.non_linear_ads.as_ref())
    }

    pub(super) fn non_linears(self) -> impl Iterator<Item = &'a NonLinear> {
        self.non_linear_ads().flat_map(|ads| &ads.non_linears)
    }

    pub(super) fn companion_ads(self) -> impl Iterator<Item = &'a CompanionAds> {
        self.creatives.iter().filter_map(|creative| creative.companion_ads.as_ref())
    }

    pub(super) fn companions(self) -> impl Iterator<Item = &'a Companion> {
        self.companion_ads().flat_map(|ads| &ads.companions)
    }
}
