//! Facts about a request or a break as a whole.

use schemars::JsonSchema;
use serde::Serialize;

use super::milliseconds;
use crate::policy::{FetchMode, SourceOrder};
use crate::report;
use crate::track::{self, BeaconState};

/// Facts about the request as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Metadata<'a> {
    /// Identifies the request in logs and ledgers.
    pub request_id: &'a str,
    /// The mode of the primary sources.
    pub mode: FetchMode,
    /// The arm that the request falls into. Absent without arms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arm: Option<&'a str>,
    /// The order of the sources. Absent in the result of a break of a playlist, which has one source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Order<'a>>,
    /// The time from the call to the answer.
    pub elapsed_ms: f64,
    /// Whether the first ad came from a fallback.
    pub used_fallback: bool,
    /// How many sources there are, fallbacks included.
    pub source_count: usize,
    /// The number of exchanges of sources that contributed no ad to the answer.
    pub requests_wasted: u32,
    /// `true` when a better set of ads may exist, because there were more ads than can be compared exactly; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approximate: Option<bool>,
    /// The number of due beacons that are not in `tracked`, because there were too many. They are not called. Absent if
    /// there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beacons_omitted: Option<usize>,
    /// The beacons that are due, with their state at the time of the answer.
    pub tracked: Vec<Tracked<'a>>,
}

impl<'a> Metadata<'a> {
    pub(super) fn new(metadata: &'a report::Metadata, tracked: &'a [track::TrackedBeacon]) -> Self {
        Self {
            request_id: &metadata.request_id,
            mode: metadata.mode,
            arm: metadata.arm.as_deref(),
            order: metadata.order.as_ref().map(Order::from),
            elapsed_ms: milliseconds::measured(metadata.elapsed),
            used_fallback: metadata.used_fallback,
            source_count: metadata.source_count,
            requests_wasted: metadata.requests_wasted,
            approximate: metadata.is_approximate.then_some(true),
            beacons_omitted: Some(metadata.beacons_omitted).filter(|omitted| *omitted > 0),
            tracked: tracked.iter().map(Tracked::from).collect(),
        }
    }
}

/// The order of the sources of a request.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Order<'a> {
    /// The rule for the order.
    pub strategy: SourceOrder,
    /// The names of the sources in this order. Fallbacks follow the primary sources if they were needed. The end of the list may not
    /// have been asked: the outcome of each source is in `sources` of the result.
    pub sources: Vec<&'a str>,
    /// `true` when the first source was drawn at random, so that `fastest` measures its time again; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exploration: Option<bool>,
}

impl<'a> From<&'a report::OrderReport> for Order<'a> {
    fn from(order: &'a report::OrderReport) -> Self {
        Self {
            strategy: order.strategy,
            sources: order.sources.iter().map(|name| &**name).collect(),
            exploration: order.is_exploration.then_some(true),
        }
    }
}

/// A beacon.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Tracked<'a> {
    /// The event that the beacon reports: `impression`, `error`, or another name that `vast track` lists.
    pub event: &'a str,
    /// The URL with macros filled in.
    pub url: &'a str,
    /// The document that contains the tracker. 0 is the source's own document.
    pub hop: u32,
    /// The state of the beacon at the time of the answer.
    pub state: BeaconState,
    /// The HTTP status of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why the call was refused or failed, or why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
}

impl<'a> From<&'a track::TrackedBeacon> for Tracked<'a> {
    fn from(tracked: &'a track::TrackedBeacon) -> Self {
        Self {
            event: tracked.event.as_str(),
            url: &tracked.url,
            hop: tracked.hop,
            state: tracked.state,
            status: tracked.status,
            reason: tracked.reason.as_deref(),
        }
    }
}
