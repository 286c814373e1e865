//! What a creative over the content inherits.

use vast_xml::model::{Click, NonLinear, NonLinearAds, Tracking};

use super::inherited::Inherited;
use super::level::{Level, applies};
use super::resolved::ResolvedAd;

impl ResolvedAd {
    /// Trackers of whichever nonlinear ad of the `InLine`'s creative number `creative` is shown: those of every wrapper above,
    /// outermost first, then the creative's own (VAST 4.3 section 3.12). Those that the document has at one nonlinear ad
    /// are that one's. Empty for a creative without nonlinear ads.
    pub fn non_linear_tracking(&self, creative: usize) -> impl Iterator<Item = Inherited<'_, Tracking>> {
        self.non_linear_ads(creative).flat_map(|(level, of, ads)| {
            // A wrapper's nonlinear ad has nothing to show: its trackers are those of whichever is shown.
            let above = ads.non_linears.iter().filter(move |_| of.is_none());
            let of_items = above.flat_map(move |ad| level.inherit(&ad.tracking_events));
            level.inherit(&ads.tracking_events).chain(of_items)
        })
    }

    /// Click trackers of nonlinear ad number `index` of that creative: those of every wrapper above, outermost first, then
    /// its own (VAST 4.3 section 3.12.3).
    pub fn non_linear_click_tracking(
        &self,
        creative: usize,
        index: usize,
    ) -> impl Iterator<Item = Inherited<'_, Click>> {
        self.of_non_linears(creative, index, |ad| &ad.click_tracking)
    }

    /// The same for custom clicks (VAST 4.4 section 3.12).
    pub fn non_linear_custom_clicks(
        &self,
        creative: usize,
        index: usize,
    ) -> impl Iterator<Item = Inherited<'_, Click>> {
        self.of_non_linears(creative, index, |ad| &ad.custom_clicks)
    }

    fn of_non_linears<'a, T: 'a>(
        &'a self,
        creative: usize,
        index: usize,
        part: fn(&'a NonLinear) -> &'a [T],
    ) -> impl Iterator<Item = Inherited<'a, T>> {
        let has_it = self.own_non_linear_ads(creative).is_some_and(|ads| index < ads.non_linears.len());
        let all = has_it.then(|| self.non_linear_ads(creative)).into_iter().flatten();
        all.flat_map(move |(level, of, ads)| {
            let items = ads.non_linears.iter().enumerate().filter(move |(item, _)| of.is_none() || *item == index);
            items.flat_map(move |(_, ad)| level.inherit(part(ad)))
        })
    }

    /// The nonlinear creative and those of the wrappers above, which all apply to it.
    fn non_linear_ads(&self, creative: usize) -> impl Iterator<Item = (Level<'_>, Option<usize>, &NonLinearAds)> {
        let all = self.own_non_linear_ads(creative).map(|_| self.all_non_linear_ads()).into_iter().flatten();
        all.filter(move |(_, of, _)| applies(*of, creative))
    }

    fn own_non_linear_ads(&self, creative: usize) -> Option<&NonLinearAds> {
        self.inline.creatives.get(creative)?.non_linear_ads.as_ref()
    }

    /// Every `NonLinearAds` of every level, outermost first, each once, with the number of the `InLine`'s creative it is
    /// about: its own, or, of a wrapper, all.
    pub(crate) fn all_non_linear_ads(&self) -> impl Iterator<Item = (Level<'_>, Option<usize>, &NonLinearAds)> {
        self.levels_by_creative()
            .filter_map(|(level, of, creative)| creative.non_linear_ads.as_ref().map(|ads| (level, of, ads)))
    }
}
