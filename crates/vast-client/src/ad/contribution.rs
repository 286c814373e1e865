//! How much a level has to call.

use vast_xml::model::{Companion, Icon};

use super::level::Level;

/// How many URLs one level of a resolved ad wants called, by occasion.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contribution {
    /// When the ad is shown.
    pub impressions: usize,
    /// When it fails.
    pub errors: usize,
    /// At events of linear creatives.
    pub linear_events: usize,
    /// On clicks on linear creatives, custom ones included.
    pub linear_clicks: usize,
    /// When icons are shown or clicked.
    pub icons: usize,
    /// At events of nonlinear creatives.
    pub non_linear_events: usize,
    /// On clicks on nonlinear creatives, custom ones included.
    pub non_linear_clicks: usize,
    /// When companions are shown or clicked.
    pub companions: usize,
    /// When it is known whether the ad could be seen.
    pub viewability: usize,
    /// When code that measures was not run.
    pub verifications: usize,
}

impl Contribution {
    /// All of them.
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
    /// How much it has to call.
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
}

impl Level<'_> {
    /// How much its icons over linear creatives have to call.
    pub(super) fn linear_icons(&self) -> usize {
        self.linears().flat_map(|linear| &linear.icons).map(trackers_of_icon).sum()
    }

    /// How much its icons over nonlinear creatives have to call.
    pub(super) fn non_linear_icons(&self) -> usize {
        self.non_linear_ads().flat_map(|ads| &ads.icons).map(trackers_of_icon).sum()
    }
}

fn trackers_of_icon(icon: &Icon) -> usize {
    icon.click_tracking.len() + icon.view_tracking.len()
}

/// How much a companion has to call.
pub(super) fn trackers_of(companion: &Companion) -> usize {
    companion.tracking_events.len() + companion.click_tracking.len()
}
