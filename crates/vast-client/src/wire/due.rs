//! The trackers that are due at an event.

use schemars::JsonSchema;
use serde::Serialize;

use super::result::RequestResult;
use super::source::ErrorEntry;
use super::tracker::split_offset;
use crate::report::FetchResult;
use crate::track::{Beacon, BeaconState, TrackedBeacon, TrackerRef};

/// The trackers that are due at an event, as `vast track --format json` prints them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TrackResult<'a> {
    /// The version of this form, the same as that of a request's.
    pub schema: u32,
    /// Whether there is a usable ad.
    pub success: bool,
    /// The trackers, ad by ad, those of the outermost wrapper first.
    pub trackers: Vec<DueTracker<'a>>,
    /// Everything that went wrong on the way to the ad.
    pub errors: Vec<ErrorEntry<'a>>,
}

impl<'a> TrackResult<'a> {
    /// The trackers that are due of the ads of `result`.
    pub fn new(result: &'a FetchResult, trackers: Vec<DueTracker<'a>>) -> Self {
        let errors = result.errors.iter().map(ErrorEntry::from).collect();
        Self { schema: RequestResult::SCHEMA, success: result.success, trackers, errors }
    }
}

/// A tracker that is due.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct DueTracker<'a> {
    /// The place of the ad in the answer, from 0.
    pub ad: usize,
    /// What it reports.
    pub event: &'a str,
    /// The part of the ad that it belongs to: `ad`, `linear`, `nonLinear`, `companion`, `icon`, `verification`.
    pub part: &'a str,
    /// The URL, macros filled in.
    pub url: &'a str,
    /// The document that named it; 0 is the source's own.
    pub hop: u32,
    /// Its `id`, of an impression or click.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// For `progress`: when, in milliseconds from the ad's beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<u64>,
    /// For `progress`: when, in percent of the ad's length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_percent: Option<f64>,
    /// Its state, if it was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<BeaconState>,
    /// The HTTP status of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it was refused or failed, or how the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
}

impl<'a> DueTracker<'a> {
    /// `beacon`, which was made of `listed`, of the ad at this place.
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
