//! `AdBreak` (VMAP 1.0.1, section 2.3.1), its types and its trackers.

use super::{AdData, AdSource, TimeOffset};
use crate::Text;
use crate::model::{Extension, Extra, words};
use std::time::Duration;

/// A point of the content at which ads are due.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AdBreak {
    /// `@timeOffset`: when the break is due. The standard requires it; `None` when it is missing or invalid, and then the time
    /// of the break is unknown (VMAP error 1000).
    pub time_offset: Option<TimeOffset>,
    /// `@breakType`: what the ads may be, the preferred one first (section 2.4). Required; empty when missing.
    pub break_types: Vec<BreakType>,
    /// `@breakId`: the publisher's name for it.
    pub break_id: Option<Text>,
    /// `@repeatAfter`: the break is repeated each time that this much content has been played after it, until the content
    /// ends. Its source is requested again each time. Never zero.
    pub repeat_after: Option<Duration>,
    /// `AdSource`: where the ads come from. A break without one is only tracked.
    pub source: Option<AdSource>,
    /// `TrackingEvents`: called for the break itself; the ads have separate trackers.
    pub tracking_events: Vec<BreakTracking>,
    /// What the standard leaves to others (section 2.7).
    pub extensions: Vec<Extension>,
    /// Unknown parts.
    pub extra: Extra,
}

impl AdBreak {
    /// What its source holds.
    pub fn ad_data(&self) -> Option<&AdData> {
        self.source.as_ref()?.data.as_ref()
    }
}

words! {
    /// What the ads of a break may be.
    BreakType {
        /// `linear`: the content pauses for them.
        Linear = "linear",
        /// `nonlinear`: they lie over the content.
        NonLinear = "nonlinear",
        /// `display`: they stand beside the player.
        Display = "display",
    }
}

/// A URL to call when something happens to a break.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakTracking {
    /// `@event`: what has to happen.
    pub event: BreakEvent,
    /// The URL, macros unexpanded; trackers of [`BreakEvent::Error`] may have `[ERROR_CODE]` and `[ERROR_MESSAGE]`.
    pub url: Text,
    /// Unknown parts.
    pub extra: Extra,
}

impl BreakTracking {
    /// A tracker of this event with this URL.
    pub fn new(event: BreakEvent, url: impl Into<Text>) -> BreakTracking {
        BreakTracking { event, url: url.into(), extra: Extra::default() }
    }
}

words! {
    /// What happens to a break.
    BreakEvent {
        /// `breakStart`: it begins, also when it has no ad.
        BreakStart = "breakStart",
        /// `breakEnd`: it is over, also when its ads failed.
        BreakEnd = "breakEnd",
        /// `error`: it or one of its ads failed.
        Error = "error",
    }
}
