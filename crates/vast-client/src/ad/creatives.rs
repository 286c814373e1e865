//! The parts that linear and nonlinear creatives inherit: trackers, clicks and icons.

use std::collections::HashSet;

use vast_xml::model::{Click, Creative, Event, Icon, Linear, NonLinear, NonLinearAds, Tracking};

use super::level::{Level, applies};
use super::part::{IndexedPart, Inherited, indexed};
use super::resolved::ResolvedAd;

impl ResolvedAd {
    /// Trackers of the `InLine`'s creative number `creative`: those of every `Linear` of every wrapper, outermost
    /// first, then its own (VAST 4.3 section 3.14.2). Empty for a creative that is not linear.
    pub fn tracking(&self, creative: usize) -> impl Iterator<Item = Inherited<'_, Tracking>> {
        self.of_linears(creative, |linear| &linear.tracking_events)
    }

    /// The trackers of [`tracking`](Self::tracking) that report `event`.
    pub fn tracking_of<'a>(
        &'a self,
        creative: usize,
        event: &'a Event,
    ) -> impl Iterator<Item = Inherited<'a, Tracking>> {
        self.tracking(creative).filter(move |tracking| tracking.item.event == *event)
    }

    /// The page to open on a click: that of the `InLine`, else that of the nearest wrapper (VAST 4.3 section 2.3.5.2).
    /// An empty URL counts as absent.
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

    /// The linear creative and all linear creatives of the wrappers above it, whose trackers apply to it.
    fn linears(&self, creative: usize) -> impl Iterator<Item = (Level<'_>, &Linear)> {
        let is_linear = self.inline.creatives.get(creative).is_some_and(|creative| creative.linear.is_some());
        let all = is_linear.then(|| self.all_linears()).into_iter().flatten();
        all.filter(move |(_, of, _)| applies(*of, creative)).map(|(level, _, linear)| (level, linear))
    }

    /// Every `Linear` of every level, outermost first, each once. The index is that of the creative in the `InLine`; it
    /// is `None` for a `Linear` of a wrapper, which applies to every linear creative.
    pub(crate) fn all_linears(&self) -> impl Iterator<Item = (Level<'_>, Option<usize>, &Linear)> {
        self.levels_by_creative()
            .filter_map(|(level, of, creative)| creative.linear.as_ref().map(|linear| (level, of, linear)))
    }
}

impl ResolvedAd {
    /// Trackers that are due for any nonlinear ad of the `InLine`'s creative number `creative`: those of every wrapper,
    /// outermost first, then those of the creative (VAST 4.3 section 3.12). Trackers inside one `NonLinear` of the
    /// `InLine` belong to that nonlinear ad only and are not listed here. Empty for a creative without nonlinear ads.
    pub fn non_linear_tracking(&self, creative: usize) -> impl Iterator<Item = Inherited<'_, Tracking>> {
        self.non_linear_ads(creative).flat_map(|(level, of, ads)| {
            // A nonlinear ad of a wrapper has no resource, so its trackers apply to every nonlinear ad of the `InLine`.
            let above = ads.non_linears.iter().filter(move |_| of.is_none());
            let of_items = above.flat_map(move |ad| level.inherit(&ad.tracking_events));
            level.inherit(&ads.tracking_events).chain(of_items)
        })
    }

    /// Click trackers of nonlinear ad number `index` of that creative: those of every wrapper, outermost first, then
    /// its own (VAST 4.3 section 3.12.3).
    pub fn non_linear_click_tracking(
        &self,
        creative: usize,
        index: usize,
    ) -> impl Iterator<Item = Inherited<'_, Click>> {
        self.of_non_linears(creative, index, |ad| &ad.click_tracking)
    }

    /// Custom clicks of nonlinear ad number `index` of that creative, outermost first (VAST 4.4 section 3.12).
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

    /// The nonlinear creative and all nonlinear creatives of the wrappers above it, whose trackers apply to it.
    fn non_linear_ads(&self, creative: usize) -> impl Iterator<Item = (Level<'_>, Option<usize>, &NonLinearAds)> {
        let all = self.own_non_linear_ads(creative).map(|_| self.all_non_linear_ads()).into_iter().flatten();
        all.filter(move |(_, of, _)| applies(*of, creative))
    }

    fn own_non_linear_ads(&self, creative: usize) -> Option<&NonLinearAds> {
        self.inline.creatives.get(creative)?.non_linear_ads.as_ref()
    }

    /// Every `NonLinearAds` of every level, outermost first, each once. The index is that of the creative in the
    /// `InLine`; it is `None` for a `NonLinearAds` of a wrapper, which applies to every nonlinear creative.
    pub(crate) fn all_non_linear_ads(&self) -> impl Iterator<Item = (Level<'_>, Option<usize>, &NonLinearAds)> {
        self.levels_by_creative()
            .filter_map(|(level, of, creative)| creative.non_linear_ads.as_ref().map(|ads| (level, of, ads)))
    }
}

impl ResolvedAd {
    /// Icons of the `InLine`'s creative number `creative` and of every creative of its kind in the wrappers, nearest first. Of
    /// several icons of one program only the first is shown (VAST 4.3 section 3.11). Every icon without a program is shown.
    pub fn icons(&self, creative: usize) -> Vec<Inherited<'_, Icon>> {
        let icons = self.indexed_icons(creative).into_iter();
        icons.map(|icon| Inherited { hop: icon.index.hop, item: icon.item }).collect()
    }

    /// The [`icons`](Self::icons) with their indices.
    pub fn indexed_icons(&self, creative: usize) -> Vec<IndexedPart<'_, Icon>> {
        let Some(own) = self.inline.creatives.get(creative) else { return Vec::new() };
        let icons_of = match own {
            Creative { linear: Some(_), .. } => of_linear,
            Creative { non_linear_ads: Some(_), .. } => of_non_linear_ads,
            _ => return Vec::new(),
        };
        let above = self.levels_above().rev().flat_map(|level| {
            let creatives = level.creatives.iter().enumerate();
            creatives.flat_map(move |(number, creative)| indexed(level.hop(), number, icons_of(creative)))
        });
        let icons = indexed(self.hop(), creative, icons_of(own)).chain(above);
        let mut programs = HashSet::new();
        icons.filter(|icon| program(icon.item).is_none_or(|program| programs.insert(program))).collect()
    }
}

fn of_linear(creative: &Creative) -> &[Icon] {
    creative.linear.as_ref().map_or(&[], |linear| &linear.icons)
}

/// The icons of a creative's nonlinear ads, which exist since VAST 4.4.
fn of_non_linear_ads(creative: &Creative) -> &[Icon] {
    creative.non_linear_ads.as_ref().map_or(&[], |ads| &ads.icons)
}

fn program(icon: &Icon) -> Option<String> {
    let name = icon.program.as_deref().map(str::trim).filter(|name| !name.is_empty())?;
    Some(name.to_ascii_lowercase())
}
