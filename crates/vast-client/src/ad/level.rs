//! One level of a resolved ad: a wrapper or the `InLine`. This file has the parts that both can have, and counts their
//! trackers.

use vast_xml::Text;
use vast_xml::model::{
    AdSystem, Companion, CompanionAds, Creative, Extension, Icon, Impression, InLine, Linear, NonLinear, NonLinearAds,
    Pricing, Verification, ViewableImpression, Wrapper,
};

use super::chain::WrapperLevel;
use super::part::{IndexedPart, Inherited, indexed, inherited};
use crate::journal::DocumentInfo;

/// One level of a resolved ad: a wrapper or the `InLine`. It has the parts that both can have.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Level<'a> {
    /// The document that contains the wrapper or `InLine`.
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

/// Whether trackers apply to the `InLine`'s creative number `creative`. `of` is the creative in which the trackers were
/// read; `None` for trackers of a wrapper, which apply to every creative.
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
        } = &*level.wrapper;
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

    /// The number of the document that contains the level.
    pub fn hop(&self) -> u32 {
        self.document.hop
    }

    pub(super) fn inherit<T>(self, items: &'a [T]) -> impl DoubleEndedIterator<Item = Inherited<'a, T>> + use<'a, T> {
        inherited(self.hop(), items)
    }

    /// The verifications of the level with their indices.
    pub(crate) fn indexed_verifications(self) -> impl Iterator<Item = IndexedPart<'a, Verification>> {
        indexed(self.hop(), 0, self.ad_verifications)
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

/// The numbers of trackers of one level of a resolved ad, by the kind of event that they report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contribution {
    /// Impressions.
    pub impressions: usize,
    /// Error URLs.
    pub errors: usize,
    /// Trackers of events of linear creatives.
    pub linear_events: usize,
    /// Click trackers of linear creatives, custom clicks included.
    pub linear_clicks: usize,
    /// View and click trackers of icons.
    pub icons: usize,
    /// Trackers of events of nonlinear creatives.
    pub non_linear_events: usize,
    /// Click trackers of nonlinear creatives, custom clicks included.
    pub non_linear_clicks: usize,
    /// View and click trackers of companions.
    pub companions: usize,
    /// Trackers of viewability.
    pub viewability: usize,
    /// Trackers of verifications.
    pub verifications: usize,
}

impl Contribution {
    /// The sum.
    pub fn total(&self) -> usize {
        let Self { impressions, errors, linear_events, linear_clicks, icons, .. } = *self;
        let Self { non_linear_events, non_linear_clicks, companions, viewability, verifications, .. } = *self;
        impressions
            + errors
            + linear_events
            + linear_clicks
            + icons
            + non_linear_events
            + non_linear_clicks
            + companions
            + viewability
            + verifications
    }
}

impl Level<'_> {
    /// How many trackers the level has.
    pub fn contribution(&self) -> Contribution {
        let of_non_linears = self.non_linears().map(|ad| ad.tracking_events.len()).sum::<usize>();
        let verifications = self.ad_verifications.iter();
        Contribution {
            impressions: self.impressions.len(),
            errors: self.errors.len(),
            linear_events: self.linears().map(|linear| linear.tracking_events.len()).sum(),
            linear_clicks: self.linears().map(|linear| linear.click_tracking.len() + linear.custom_clicks.len()).sum(),
            icons: self.linear_icons() + self.non_linear_icons(),
            non_linear_events: of_non_linears
                + self.non_linear_ads().map(|ads| ads.tracking_events.len()).sum::<usize>(),
            non_linear_clicks: self.non_linears().map(|ad| ad.click_tracking.len() + ad.custom_clicks.len()).sum(),
            companions: self.companions().map(trackers_of).sum(),
            viewability: self.viewable_impression.map_or(0, |viewable| {
                viewable.viewable.len() + viewable.not_viewable.len() + viewable.view_undetermined.len()
            }),
            verifications: verifications.map(|verification| verification.tracking_events.len()).sum(),
        }
    }

    /// The number of trackers of the level's icons over linear creatives.
    pub(super) fn linear_icons(&self) -> usize {
        self.linears().flat_map(|linear| &linear.icons).map(trackers_of_icon).sum()
    }

    /// The number of trackers of the level's icons over nonlinear creatives.
    pub(super) fn non_linear_icons(&self) -> usize {
        self.non_linear_ads().flat_map(|ads| &ads.icons).map(trackers_of_icon).sum()
    }
}

fn trackers_of_icon(icon: &Icon) -> usize {
    icon.click_tracking.len() + icon.view_tracking.len()
}

/// How many trackers a companion has.
pub(super) fn trackers_of(companion: &Companion) -> usize {
    companion.tracking_events.len() + companion.click_tracking.len()
}
