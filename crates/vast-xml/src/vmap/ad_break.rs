//! `AdBreak` (VMAP 1.0.1, section 2.3.1).

use super::{AdData, AdSource, BreakTracking, BreakType, TimeOffset};
use crate::Text;
use crate::model::{Extension, Extra};
use std::time::Duration;

/// A point of the content at which ads are due.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdBreak {
    /// `@timeOffset`: when. The standard requires it; `None` when it is missing or makes no sense, and then nobody can say
    /// when the break is due (VMAP error 1000).
    pub time_offset: Option<TimeOffset>,
    /// `@breakType`: what the ads may be, the preferred one first (section 2.4). Required; empty when missing.
    pub break_types: Vec<BreakType>,
    /// `@breakId`: the publisher's name for it.
    pub break_id: Option<Text>,
    /// `@repeatAfter`: the break comes again each time that so much content has passed since it, until the content ends;
    /// its source is asked anew each time. Never zero.
    pub repeat_after: Option<Duration>,
    /// `AdSource`: where the ads come from. A break without one is only tracked.
    pub source: Option<AdSource>,
    /// `TrackingEvents`: called for the break itself; the ads have trackers of their own.
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
