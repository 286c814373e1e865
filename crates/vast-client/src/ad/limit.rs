//! The limit of trackers per ad.
//!
//! A tracker of a wrapper is counted once for each creative that it applies to, in every ad below the wrapper. A
//! hundred ads below five wrappers of 2,000 trackers each would have a million trackers without a limit.

use std::sync::Arc;

use vast_xml::Text;
use vast_xml::model::{
    Companion, Creative, Icon, Impression, InLine, Linear, NonLinearAds, Verification, ViewableImpression, Wrapper,
};

use super::chain::WrapperLevel;
use super::companions::belonging;
use super::level::{Level, trackers_of};
use super::resolved::ResolvedAd;

/// The largest number of trackers of one ad. A tracker of a wrapper is counted once for each creative that it applies
/// to. Real ads have a tenth of this number. Trackers beyond the limit are dropped, and the result has a warning with
/// both numbers.
pub const MAX_TRACKERS: usize = 500;

/// An ad or a wrapper had more trackers than [`MAX_TRACKERS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrackersDropped {
    /// The number of trackers before the limit was applied.
    pub found: usize,
    /// The largest number of trackers that are left.
    pub kept: usize,
}

impl ResolvedAd {
    /// Whether the ad may have more than [`MAX_TRACKERS`] trackers. `above` is the number of trackers of its wrappers, or more: they were
    /// counted when the wrappers were read, and are not counted again here. If the answer is `false`, the limit changes nothing.
    pub(crate) fn may_exceed_trackers(&self, above: usize) -> bool {
        let own = self.own_level();
        let inherited = if above == 0 { 0 } else { above.saturating_mul(Factors::of(own).most()) };
        Count::of(own, &Factors::ONCE).total().saturating_add(inherited) > MAX_TRACKERS
    }

    /// Drops the trackers beyond [`MAX_TRACKERS`]. Impressions of every level are kept first, then errors of every level, then
    /// all others; each time the `InLine` comes before the wrappers, the wrappers come outermost first, and a level's
    /// trackers come in document order.
    pub(crate) fn limit_trackers(&mut self) -> Option<TrackersDropped> {
        let Self { wrappers, document, id, inline, .. } = self;
        let own = Level::of_inline(document, id.as_ref(), inline);
        let factors = Factors::of(own);
        let above = wrappers.iter().map(|level| Count::of(Level::of_wrapper(level), &factors));
        let all = [Count::of(own, &Factors::ONCE)].into_iter().chain(above);
        let total = all.clone().map(|count| count.total()).sum();
        if total <= MAX_TRACKERS {
            return None;
        }
        let found: Vec<Count> = all.collect();
        let kept = Count::within(&found, MAX_TRACKERS);
        let is_cut = |level: usize| kept[level] != found[level];
        for (level, wrapper) in (1..).zip(wrappers).filter(|(level, _)| is_cut(*level)) {
            LevelTrackers::of_wrapper(&mut Arc::make_mut(wrapper).wrapper).cut(kept[level], &factors);
        }
        if is_cut(0) {
            LevelTrackers::of_inline(inline).cut(kept[0], &Factors::ONCE);
        }
        Some(TrackersDropped { found: total, kept: MAX_TRACKERS })
    }
}

/// Drops the trackers beyond [`MAX_TRACKERS`] of a single wrapper, before the ads below the wrapper share it. Returns the number of
/// trackers before, and what was dropped.
pub(crate) fn limit_wrapper(level: &mut WrapperLevel) -> (usize, Option<TrackersDropped>) {
    let count = Count::of(Level::of_wrapper(level), &Factors::ONCE);
    let found = count.total();
    if found <= MAX_TRACKERS {
        return (found, None);
    }
    let kept = Count::within(&[count], MAX_TRACKERS)[0];
    LevelTrackers::of_wrapper(&mut level.wrapper).cut(kept, &Factors::ONCE);
    (found, Some(TrackersDropped { found, kept: MAX_TRACKERS }))
}

/// The number of trackers of a level by the order in which the limit keeps them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    impressions: usize,
    errors: usize,
    others: usize,
}

impl Count {
    fn of(level: Level<'_>, factors: &Factors<'_>) -> Self {
        let own = level.contribution();
        let companions = level.companions().map(|companion| trackers_of(companion) * factors.of_companion(companion));
        let others = own.viewability
            + own.verifications
            + factors.linears * (own.linear_events + own.linear_clicks + level.linear_icons())
            + factors.non_linear_ads * (own.non_linear_events + level.non_linear_icons())
            + factors.non_linears * own.non_linear_clicks
            + companions.sum::<usize>();
        Self { impressions: own.impressions, errors: own.errors, others }
    }

    fn total(&self) -> usize {
        self.impressions + self.errors + self.others
    }

    /// How many trackers of each level are kept, at most `most` in sum. The first level has priority.
    fn within(levels: &[Self], most: usize) -> Vec<Self> {
        let mut left = most;
        let mut take = |wanted: usize| {
            let taken = wanted.min(left);
            left -= taken;
            taken
        };
        let mut kept = vec![Self::default(); levels.len()];
        kept.iter_mut().zip(levels).for_each(|(kept, level)| kept.impressions = take(level.impressions));
        kept.iter_mut().zip(levels).for_each(|(kept, level)| kept.errors = take(level.errors));
        kept.iter_mut().zip(levels).for_each(|(kept, level)| kept.others = take(level.others));
        kept
    }
}

/// The numbers of creatives of an `InLine` to which the trackers of a wrapper apply.
#[derive(Debug, Clone)]
pub(super) struct Factors<'a> {
    /// The number of linear creatives.
    pub(super) linears: usize,
    /// The number of creatives with nonlinear ads.
    pub(super) non_linear_ads: usize,
    /// The nonlinear ads of each of these creatives.
    pub(super) non_linears: usize,
    companions: Vec<&'a Companion>,
}

impl<'a> Factors<'a> {
    /// Each tracker is counted once. This value is used for a wrapper without the ads below it.
    const ONCE: Factors<'static> = Factors { linears: 1, non_linear_ads: 1, non_linears: 1, companions: Vec::new() };

    pub(super) fn of(inline: Level<'a>) -> Self {
        Self {
            linears: inline.linears().count(),
            non_linear_ads: inline.non_linear_ads().count(),
            non_linears: inline.non_linears().count(),
            companions: inline.companions().collect(),
        }
    }

    /// The largest number of creatives that one tracker applies to.
    pub(super) fn most(&self) -> usize {
        [1, self.linears, self.non_linear_ads, self.non_linears, self.companions.len()].into_iter().max().unwrap_or(1)
    }

    /// The number of companions to which the trackers of this companion of a wrapper apply.
    pub(super) fn of_companion(&self, above: &Companion) -> usize {
        let own = self.companions.iter().copied();
        belonging(above, &own).map_or(1, |belongs| own.filter(|own| belongs(above, own)).count())
    }
}

/// The parts of a level that have trackers.
struct LevelTrackers<'l> {
    impressions: &'l mut Vec<Impression>,
    errors: &'l mut Vec<Text>,
    viewable: &'l mut Option<ViewableImpression>,
    verifications: &'l mut [Verification],
    creatives: &'l mut [Creative],
}

impl<'l> LevelTrackers<'l> {
    fn of_wrapper(wrapper: &'l mut Wrapper) -> Self {
        let Wrapper { impressions, errors, viewable_impression, ad_verifications, creatives, .. } = wrapper;
        Self { impressions, errors, viewable: viewable_impression, verifications: ad_verifications, creatives }
    }

    fn of_inline(inline: &'l mut InLine) -> Self {
        let InLine { impressions, errors, viewable_impression, ad_verifications, creatives, .. } = inline;
        Self { impressions, errors, viewable: viewable_impression, verifications: ad_verifications, creatives }
    }

    /// Keeps only the number of trackers in `kept`, in document order.
    fn cut(self, kept: Count, factors: &Factors<'_>) {
        self.impressions.truncate(kept.impressions);
        self.errors.truncate(kept.errors);
        let mut budget = TrackerBudget { left: kept.others, factors };
        if let Some(ViewableImpression { viewable, not_viewable, view_undetermined, .. }) = self.viewable {
            [viewable, not_viewable, view_undetermined].into_iter().for_each(|urls| budget.keep(urls, 1));
        }
        self.verifications.iter_mut().for_each(|verification| budget.keep(&mut verification.tracking_events, 1));
        self.creatives.iter_mut().for_each(|creative| budget.creative(creative));
    }
}

/// The number of trackers that a level may still keep.
struct TrackerBudget<'f> {
    left: usize,
    factors: &'f Factors<'f>,
}

impl TrackerBudget<'_> {
    fn creative(&mut self, creative: &mut Creative) {
        let Creative { linear, non_linear_ads, companion_ads, .. } = creative;
        if let Some(linear) = linear {
            self.linear(linear);
        }
        if let Some(ads) = non_linear_ads {
            self.non_linear_ads(ads);
        }
        for companion in companion_ads.iter_mut().flat_map(|ads| &mut ads.companions) {
            let factor = self.factors.of_companion(companion);
            self.keep(&mut companion.tracking_events, factor);
            self.keep(&mut companion.click_tracking, factor);
        }
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

    /// Keeps as many of `trackers` as the budget allows. Each of them is counted `factor` times.
    fn keep<T>(&mut self, trackers: &mut Vec<T>, factor: usize) {
        // Trackers that apply to no creative are never called, so they cost nothing.
        let Some(room) = self.left.checked_div(factor) else { return };
        trackers.truncate(room);
        self.left -= trackers.len() * factor;
    }
}
