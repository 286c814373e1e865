//! `AdBreak` (VMAP 1.0.1, section 2.3.1), its types and its trackers.

use super::{AdData, AdSource, TimeOffset};
use crate::model::{Extension, Extra, words};
use crate::text::Text;
use std::time::Duration;

/// An ad break: a point in the content at which ads are due.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AdBreak {
    /// `@timeOffset`: when the break is due. The standard requires it; `None` when it is missing or invalid, and then the time
    /// of the break is unknown (VMAP error 1000).
    pub time_offset: Option<TimeOffset>,
    /// `@breakType`: the kinds of ads that the break allows, the preferred one first (section 2.4). Required; empty if
    /// missing.
    pub break_types: Vec<BreakType>,
    /// `@breakId`: the publisher's id for the break.
    pub break_id: Option<Text>,
    /// `@repeatAfter`: the break is repeated each time that this much content has been played after it, until the content
    /// ends. Its source is requested again each time. Never zero.
    pub repeat_after: Option<Duration>,
    /// `AdSource`: the source of the ads. A break without a source only has trackers.
    pub source: Option<AdSource>,
    /// `TrackingEvents`: the trackers of the break itself. The ads have separate trackers.
    pub tracking_events: Vec<BreakTracking>,
    /// Vendor extensions (section 2.7).
    pub extensions: Vec<Extension>,
    /// Unknown parts.
    pub extra: Extra,
}

impl AdBreak {
    /// The content of the ad source, if the break has one.
    pub fn ad_data(&self) -> Option<&AdData> {
        self.source.as_ref()?.data.as_ref()
    }
}

words! {
    /// The kind of the ads of a break.
    BreakType {
        /// `linear`: the content pauses while the ads play.
        Linear = "linear",
        /// `nonlinear`: the ads are shown over the content.
        NonLinear = "nonlinear",
        /// `display`: the ads are shown beside the player.
        Display = "display",
    }
}

/// A URL that is called at an event of a break.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakTracking {
    /// `@event`: the event at which the URL is called.
    pub event: BreakEvent,
    /// The URL. Macros in it are not replaced. Trackers of [`BreakEvent::Error`] may have `[ERROR_CODE]` and
    /// `[ERROR_MESSAGE]`.
    pub url: Text,
    /// Unknown parts.
    pub extra: Extra,
}

impl BreakTracking {
    /// A tracker for this event with this URL.
    pub fn new(event: BreakEvent, url: impl Into<Text>) -> BreakTracking {
        BreakTracking { event, url: url.into(), extra: Extra::default() }
    }
}

words! {
    /// An event of a break.
    BreakEvent {
        /// `breakStart`: the break begins, with or without ads.
        BreakStart = "breakStart",
        /// `breakEnd`: the break ends, even if its ads failed.
        BreakEnd = "breakEnd",
        /// `error`: the break or one of its ads failed.
        Error = "error",
    }
}
