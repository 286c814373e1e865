//! For how many creatives of an `InLine` the trackers of a wrapper count.

use vast_xml::model::Companion;

use super::companions::belonging;
use super::contribution::trackers_of;
use super::level::Level;

/// For how many creatives of an `InLine` the trackers of a wrapper count.
#[derive(Debug, Clone)]
pub(super) struct Factors<'a> {
    /// Its linear creatives.
    pub(super) linears: usize,
    /// Its creatives with nonlinear ads.
    pub(super) non_linear_ads: usize,
    /// Its nonlinear ads.
    pub(super) non_linears: usize,
    companions: Vec<&'a Companion>,
}

impl<'a> Factors<'a> {
    /// Each tracker counts once: of a level on its own.
    pub(super) const ONCE: Factors<'static> =
        Factors { linears: 1, non_linear_ads: 1, non_linears: 1, companions: Vec::new() };

    pub(super) fn of(inline: Level<'a>) -> Self {
        Self {
            linears: inline.linears().count(),
            non_linear_ads: inline.non_linear_ads().count(),
            non_linears: inline.non_linears().count(),
            companions: inline.companions().collect(),
        }
    }

    /// For how many companions the trackers of this one of a wrapper count.
    pub(super) fn of_companion(&self, above: &Companion) -> usize {
        let own = self.companions.iter().copied();
        belonging(above, &own).map_or(1, |belongs| own.filter(|own| belongs(above, own)).count())
    }

    /// What a wrapper makes the ad call.
    pub(super) fn weigh(&self, wrapper: Level<'_>) -> usize {
        let own = wrapper.contribution();
        let companions = wrapper.companions().map(|companion| trackers_of(companion) * self.of_companion(companion));
        own.impressions
            + own.errors
            + own.viewability
            + own.verifications
            + self.linears * (own.linear_events + own.linear_clicks + wrapper.linear_icons())
            + self.non_linear_ads * (own.non_linear_events + wrapper.non_linear_icons())
            + self.non_linears * own.non_linear_clicks
            + companions.sum::<usize>()
    }
}
