//! The answer to a request.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::media::MediaFile;
use super::metadata::Metadata;
use super::parsed::ParsedData;
use super::source::{Candidate, ErrorEntry, Source};
use crate::report::FetchResult;

/// The answer to a request, as `vast request --format json` prints it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct RequestResult<'a> {
    /// The version of the JSON form: [`RequestResult::SCHEMA`].
    pub schema: u32,
    /// Whether there is a usable ad. For a playlist: whether a break has one.
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
    /// The ads, or the breaks of a playlist. Absent if there is neither. For a playlist it is present also if no break has an ad.
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
