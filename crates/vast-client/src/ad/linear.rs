//! What a linear creative inherits.

use vast_xml::model::{Click, Event, Linear, Tracking};

use super::inherited::Inherited;
use super::level::Level;
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
    pub(super) fn linears(&self, creative: usize) -> impl Iterator<Item = (Level<'_>, &Linear)> {
        let own = self.inline.creatives.get(creative).and_then(|creative| creative.linear.as_ref());
        let above = own.is_some().then(|| self.levels_above()).into_iter().flatten();
        let above = above.flat_map(|level| level.linears().map(move |linear| (level, linear)));
        above.chain(own.map(|linear| (self.own_level(), linear)))
    }
}
