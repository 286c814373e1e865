//! What a creative over the content inherits.

use vast_xml::model::{Click, NonLinear, NonLinearAds, Tracking};

use super::inherited::Inherited;
use super::level::Level;
use super::resolved::ResolvedAd;

impl ResolvedAd {
    /// Trackers of whichever nonlinear ad of the `InLine`'s creative number `creative` is shown: those of every wrapper above,
    /// outermost first, then the creative's own (VAST 4.3 section 3.12). Those that the document has at one nonlinear ad
    /// are that one's. Empty for a creative without nonlinear ads.
    pub fn non_linear_tracking(&self, creative: usize) -> impl Iterator<Item = Inherited<'_, Tracking>> {
        let own = self.non_linear_ads(creative);
        let above = own.is_some().then(|| self.levels_above()).into_iter().flatten().flat_map(|level| {
            let ads = level.non_linear_ads().flat_map(move |ads| level.inherit(&ads.tracking_events));
            ads.chain(level.non_linears().flat_map(move |ad| level.inherit(&ad.tracking_events)))
        });
        above.chain(own.into_iter().flat_map(|(level, ads)| level.inherit(&ads.tracking_events)))
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
        let own = self.non_linear_ads(creative).and_then(|(level, ads)| Some((level, ads.non_linears.get(index)?)));
        let above = own.is_some().then(|| self.levels_above()).into_iter().flatten();
        let above = above.flat_map(|level| level.non_linears().map(move |ad| (level, ad)));
        above.chain(own).flat_map(move |(level, ad)| level.inherit(part(ad)))
    }

    fn non_linear_ads(&self, creative: usize) -> Option<(Level<'_>, &NonLinearAds)> {
        let own = self.inline.creatives.get(creative)?.non_linear_ads.as_ref()?;
        Some((self.own_level(), own))
    }
}
