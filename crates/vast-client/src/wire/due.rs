//! The trackers that are due at an event.

use schemars::JsonSchema;
use serde::Serialize;

use super::parsed::Warning;
use super::result::RequestResult;
use super::source::ErrorEntry;
use super::tracker::split_offset;
use crate::report::FetchResult;
use crate::track::{Beacon, BeaconState, TrackedBeacon, TrackerRef};

/// The trackers that are due at an event, as `vast track --format json` prints them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TrackResult<'a> {
    /// The version of the JSON form, the same as that of a request's result.
    pub schema: u32,
    /// Whether there is a usable ad.
    pub success: bool,
    /// The trackers, ad by ad. Those of the outermost wrapper come first.
    pub trackers: Vec<DueTracker<'a>>,
    /// Warnings about the documents, for example that an ad has more trackers than are kept (`trackers_cut`).
    pub warnings: Vec<Warning<'a>>,
    /// Every failure of the request.
    pub errors: Vec<ErrorEntry<'a>>,
}

impl<'a> TrackResult<'a> {
    /// The trackers that are due for the ads of `result`.
    pub fn new(result: &'a FetchResult, trackers: Vec<DueTracker<'a>>) -> Self {
        let errors = result.errors.iter().map(ErrorEntry::from).collect();
        let warnings = result.warnings.iter().map(Warning::from).collect();
        Self { schema: RequestResult::SCHEMA, success: result.success, trackers, warnings, errors }
    }
}

/// A tracker that is due.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct DueTracker<'a> {
    /// The index of the ad in the answer, from 0.
    pub ad: usize,
    /// The event that the tracker reports.
    pub event: &'a str,
    /// The part of the ad that has the tracker: `ad`, `linear`, `nonLinear`, `companion`, `icon`, `verification`.
    pub part: &'a str,
    /// The URL with macros filled in.
    pub url: &'a str,
    /// The document that contains it. 0 is the source's own document.
    pub hop: u32,
    /// The `id` of an impression or click.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// For `progress`: the time in milliseconds from the beginning of the ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<u64>,
    /// For `progress`: the time in percent of the ad's length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_percent: Option<f64>,
    /// The state of the beacon, if the tracker was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<BeaconState>,
    /// The HTTP status of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why the call was refused or failed, why the last attempt failed, or that it has no answer yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
}

impl<'a> DueTracker<'a> {
    /// An entry for `beacon`, which was made from `listed`. `ad` is the index of the ad.
    pub fn new(ad: usize, listed: &'a TrackerRef<'a>, beacon: &'a Beacon, tracked: Option<&'a TrackedBeacon>) -> Self {
        let (offset_ms, offset_percent) = split_offset(listed.offset);
        Self {
            ad,
            event: listed.event.as_str(),
            part: listed.part.as_str(),
            url: &beacon.url,
            hop: beacon.hop,
            id: listed.id.map(|id| &**id),
            offset_ms,
            offset_percent,
            state: tracked.map(|tracked| tracked.state),
            status: tracked.and_then(|tracked| tracked.status),
            reason: tracked.and_then(|tracked| tracked.reason.as_deref()),
        }
    }
}
