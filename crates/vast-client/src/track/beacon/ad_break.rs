//! The trackers of a break of a playlist (VMAP). The ads of the break have other trackers.

use std::borrow::Cow;
use std::sync::Arc;

use vast_xml::macros::{Macro, Value};
use vast_xml::model::Event;
use vast_xml::vmap::{BreakEvent, BreakTracking, with_error};

use super::beacon_event::BeaconEvent;
use super::due::{Beacon, BeaconBudget, BeaconWriter};
use super::moment::Moment;
use crate::request::{Consent, SourceTree};

/// The trackers of a break of a playlist (VMAP), and the data that is needed to call them. See
/// [`FetchResult::break_ref`](crate::FetchResult::break_ref).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct BreakRef<'a> {
    /// Identifies the request in the ledger.
    pub request_id: &'a str,
    /// The consent of the viewer. It is stored with each beacon.
    pub consent: &'a Consent,
    /// The number of the break in its playlist, from 0.
    pub number: usize,
    /// The trackers of the break, with absolute URLs.
    pub trackers: &'a [BreakTracking],
    pub(crate) tree: &'a Arc<SourceTree>,
}

/// An event of a break of a playlist (VMAP 1.0.1 sections 2.3.3 and 2.5).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdBreakEvent {
    /// The break begins, also when it has no ad.
    Start,
    /// The break is over, also when its ads failed.
    End,
    /// An ad of the break failed while it played.
    Error {
        /// The VAST error code that the ad reports, or a code of VMAP.
        code: u16,
        /// Text for people.
        message: String,
    },
}

/// The trackers of a break of a playlist that are due at `event` (VMAP 1.0.1 section 2.3.3).
pub(in crate::track) fn break_beacons(of: BreakRef<'_>, event: &AdBreakEvent, moment: &Moment) -> Vec<Beacon> {
    let due = match event {
        AdBreakEvent::Start => BreakEvent::BreakStart,
        AdBreakEvent::End => BreakEvent::BreakEnd,
        AdBreakEvent::Error { .. } => BreakEvent::Error,
    };
    let mut values = moment.of_break(of.tree);
    let reported = match event {
        AdBreakEvent::Error { code, .. } => {
            values.set(Macro::ErrorCode, Value::text(code.to_string()));
            BeaconEvent::Error
        }
        _ => BeaconEvent::Tracking(Event::from_name(due.as_str())),
    };
    let mut budget = BeaconBudget::new(usize::MAX);
    let mut writer = BeaconWriter::new(of.tree, values, moment.seed);
    let trackers = of.trackers.iter().filter(|tracker| tracker.event == due && !tracker.url.is_empty());
    let beacon = |tracker: &BreakTracking| {
        let template = match event {
            AdBreakEvent::Error { code, message } => Cow::Owned(with_error(&tracker.url, *code, message)),
            _ => Cow::Borrowed(tracker.url.as_str()),
        };
        writer.beacon(reported.clone(), &template, 0, "", &mut budget)
    };
    trackers.map(beacon).collect()
}
