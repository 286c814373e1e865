//! Dropping trackers.

use vast_xml::Text;
use vast_xml::model::{
    Creative, Icon, Impression, InLine, Linear, NonLinearAds, Verification, ViewableImpression, Wrapper,
};

use super::factors::Factors;

/// How many more trackers are kept, and what each counts for.
pub(super) struct Cut<'f> {
    left: usize,
    factors: &'f Factors<'f>,
}

impl<'f> Cut<'f> {
    pub(super) fn new(most: usize, factors: &'f Factors<'f>) -> Self {
        Self { left: most, factors }
    }

    pub(super) fn wrapper(mut self, wrapper: &mut Wrapper) {
        let Wrapper { impressions, errors, creatives, viewable_impression, ad_verifications, .. } = wrapper;
        self.level(impressions, errors, creatives, viewable_impression, ad_verifications);
    }

    pub(super) fn inline(mut self, inline: &mut InLine) {
        let InLine { impressions, errors, creatives, viewable_impression, ad_verifications, .. } = inline;
        self.level(impressions, errors, creatives, viewable_impression, ad_verifications);
    }

    /// What matters most comes first.
    fn level(
        &mut self,
        impressions: &mut Vec<Impression>,
        errors: &mut Vec<Text>,
        creatives: &mut [Creative],
        viewable: &mut Option<ViewableImpression>,
        verifications: &mut [Verification],
    ) {
        self.keep(impressions, 1);
        self.keep(errors, 1);
        for linear in creatives.iter_mut().filter_map(|creative| creative.linear.as_mut()) {
            self.linear(linear);
        }
        for ads in creatives.iter_mut().filter_map(|creative| creative.non_linear_ads.as_mut()) {
            self.non_linear_ads(ads);
        }
        let companions = creatives.iter_mut().filter_map(|creative| creative.companion_ads.as_mut());
        for companion in companions.flat_map(|ads| &mut ads.companions) {
            let factor = self.factors.of_companion(companion);
            self.keep(&mut companion.tracking_events, factor);
            self.keep(&mut companion.click_tracking, factor);
        }
        if let Some(ViewableImpression { viewable, not_viewable, view_undetermined, .. }) = viewable {
            [viewable, not_viewable, view_undetermined].into_iter().for_each(|urls| self.keep(urls, 1));
        }
        verifications.iter_mut().for_each(|verification| self.keep(&mut verification.tracking_events, 1));
    }

    fn linear(&mut self, linear: &mut Linear) {
        let factor = self.factors.linears;
        self.keep(&mut linear.tracking_events, factor);
        self.keep(&mut linear.click_tracking, factor);
        self.keep(&mut linear.custom_clicks, factor);
        self.icons(&mut linear.icons, factor);
    }

    fn icons(&mut self, icons: &mut [Icon], factor: usize) {
        for Icon { view_tracking, click_tracking, .. } in icons {
            self.keep(view_tracking, factor);
            self.keep(click_tracking, factor);
        }
    }

    fn non_linear_ads(&mut self, ads: &mut NonLinearAds) {
        let factors = self.factors;
        self.keep(&mut ads.tracking_events, factors.non_linear_ads);
        for ad in &mut ads.non_linears {
            self.keep(&mut ad.tracking_events, factors.non_linear_ads);
            self.keep(&mut ad.click_tracking, factors.non_linears);
            self.keep(&mut ad.custom_clicks, factors.non_linears);
        }
        self.icons(&mut ads.icons, factors.non_linear_ads);
    }

    /// Keeps as many of `trackers`, which count `factor` times each, as there is room for.
    fn keep<T>(&mut self, trackers: &mut Vec<T>, factor: usize) {
        // What counts for nothing costs nothing.
        let Some(room) = self.left.checked_div(factor) else { return };
        trackers.truncate(room);
        self.left -= trackers.len() * factor;
    }
}
