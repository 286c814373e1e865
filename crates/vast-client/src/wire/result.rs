//! The answer to a request.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::media::MediaFile;
use super::milliseconds;
use super::parsed::ParsedData;
use super::source::{Candidate, ErrorEntry, Source};
use crate::policy::FetchMode;
use crate::report::{self, FetchResult};
use crate::track::{self, BeaconState};

/// The answer to a request, as `vast request --format json` prints it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct RequestResult<'a> {
    /// The version of the JSON form: [`RequestResult::SCHEMA`].
    pub schema: u32,
    /// Whether there is a usable ad.
    pub success: bool,
    /// The name of the source of the first ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'a str>,
    /// The URL of that source's request, after redirects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_url: Option<&'a str>,
    /// The document of that source as received, if the request keeps it. Bytes that are not UTF-8 are replaced by U+FFFD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_response: Option<Cow<'a, str>>,
    /// The ads. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parsed_data: Option<ParsedData<'a>>,
    /// The media file to play first: that of the first ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected_media: Option<MediaFile<'a>>,
    /// Every source with its outcome, in configured order.
    pub sources: Vec<Source<'a>>,
    /// Every ad that SELECT or RESOLVE checked.
    pub candidates: Vec<Candidate<'a>>,
    /// Every failure in order of time. A failure is listed even if a retry succeeded.
    pub errors: Vec<ErrorEntry<'a>>,
    /// Facts about the request as a whole.
    pub metadata: Metadata<'a>,
}

impl RequestResult<'_> {
    /// The version of the JSON form. A program that reads an older version may not understand a newer version.
    pub const SCHEMA: u32 = 1;
}

impl<'a> From<&'a FetchResult> for RequestResult<'a> {
    fn from(result: &'a FetchResult) -> Self {
        Self {
            schema: Self::SCHEMA,
            success: result.success,
            source: result.source.as_deref(),
            source_url: result.source_url.as_deref(),
            raw_response: result.raw_response.as_deref().map(String::from_utf8_lossy),
            parsed_data: ParsedData::of_answer(result),
            selected_media: result.selected_media().map(MediaFile::from),
            sources: result.sources.iter().map(Source::from).collect(),
            candidates: result.candidates.iter().map(Candidate::from).collect(),
            errors: result.errors.iter().map(ErrorEntry::from).collect(),
            metadata: Metadata::new(&result.metadata, &result.tracked),
        }
    }
}

/// Facts about the request as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Metadata<'a> {
    /// Identifies the request in logs and ledgers.
    pub request_id: &'a str,
    /// The mode of the primary sources.
    pub mode: FetchMode,
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
    fn new(metadata: &'a report::Metadata, tracked: &'a [track::TrackedBeacon]) -> Self {
        Self {
            request_id: &metadata.request_id,
            mode: metadata.mode,
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
