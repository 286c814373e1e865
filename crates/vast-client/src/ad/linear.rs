//! What a linear creative inherits.

use vast_xml::model::{Click, Event, Linear, Tracking};

use super::inherited::Inherited;
use super::level::{Level, applies};
use super::resolved::ResolvedAd;

impl ResolvedAd {
    /// Trackers of the `InLine`'s creative number `creative`: those of every `Linear` of every wrapper above, outermost
    /// first, then its own (VAST 4.3 section 3.14.2). Empty for a creative that is not linear.
    pub fn tracking(&self, creative: usize) -> impl Iterator<Item = Inherited<'_, Tracking>> {
        self.of_linears(creative, |linear| &linear.tracking_events)
    }

    /// Those of [`tracking`](Self::tracking) that are due at `event`.
    pub fn tracking_of<'a>(
        &'a self,
        creative: usize,
        event: &'a Event,
    ) -> impl Iterator<Item = Inherited<'a, Tracking>> {
        self.tracking(creative).filter(move |tracking| tracking.item.event == *event)
    }

    /// The page to open on a click: the `InLine`'s, else that of the nearest wrapper (VAST 4.3 section 2.3.5.2). An empty
    /// one counts as absent.
    pub fn click_through(&self, creative: usize) -> Option<Inherited<'_, Click>> {
        self.linears(creative)
            .filter_map(|(level, linear)| Some(Inherited { hop: level.hop(), item: linear.click_through.as_ref()? }))
            .filter(|click| !click.item.url.is_empty())
            .last()
    }

    /// Click trackers of all levels, outermost first (VAST 4.3 section 3.10.2).
    pub fn click_tracking(&self, creative: usize) -> impl Iterator<Item = Inherited<'_, Click>> {
        self.of_linears(creative, |linear| &linear.click_tracking)
    }

    /// Custom clicks of all levels, outermost first (VAST 4.3 section 3.10.3).
    pub fn custom_clicks(&self, creative: usize) -> impl Iterator<Item = Inherited<'_, Click>> {
        self.of_linears(creative, |linear| &linear.custom_clicks)
    }

    fn of_linears<'a, T: 'a>(
        &'a self,
        creative: usize,
        part: fn(&'a Linear) -> &'a [T],
    ) -> impl Iterator<Item = Inherited<'a, T>> {
        self.linears(creative).flat_map(move |(level, linear)| level.inherit(part(linear)))
    }

    /// The linear creative and those of the wrappers above, which all apply to it.
    fn linears(&self, creative: usize) -> impl Iterator<Item = (Level<'_>, &Linear)> {
        let is_linear = self.inline.creatives.get(creative).is_some_and(|creative| creative.linear.is_some());
        let all = is_linear.then(|| self.all_linears()).into_iter().flatten();
        all.filter(move |(_, of, _)| applies(*of, creative)).map(|(level, _, linear)| (level, linear))
    }

    /// Every `Linear` of every level, outermost first, each once, with the number of the `InLine`'s creative it is about:
    /// its own, or, of a wrapper, all.
    pub(crate) fn all_linears(&self) -> impl Iterator<Item = (Level<'_>, Option<usize>, &Linear)> {
        self.levels_by_creative()
            .filter_map(|(level, of, creative)| creative.linear.as_ref().map(|linear| (level, of, linear)))
    }
}
