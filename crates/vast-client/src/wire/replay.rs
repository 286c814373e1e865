//! Replays, and the comparison of many recorded requests with their replays.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::milliseconds;
use super::result::RequestResult;
use super::stats::Latency;
use crate::replay;

/// The result of a replay, as `vast replay --format json` prints it: that of a request, and whether it is certain.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ReplayResult<'a> {
    /// The result.
    #[serde(flatten)]
    pub result: RequestResult<'a>,
    /// `true` when the replay needed an answer that the recording does not have; absent otherwise. The sources concerned are `skipped`
    /// as `not_recorded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undecidable: Option<bool>,
}

impl<'a> From<&'a replay::ExactReplay> for ReplayResult<'a> {
    fn from(exact: &'a replay::ExactReplay) -> Self {
        Self { result: RequestResult::from(&exact.result), undecidable: None }
    }
}

impl<'a> From<&'a replay::WhatIf> for ReplayResult<'a> {
    fn from(what_if: &'a replay::WhatIf) -> Self {
        Self { result: RequestResult::from(&what_if.result), undecidable: what_if.is_undecidable.then_some(true) }
    }
}

/// Many recorded requests beside their replays, as `vast replay DIR --format json` prints them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ReplayComparison<'a> {
    /// The version of the JSON form, the same as that of a request's result.
    pub schema: u32,
    /// How many recordings were replayed.
    pub recordings: u64,
    /// How many replays needed an answer that their recording does not have.
    pub undecidable: u64,
    /// How the recorded requests were answered.
    pub then: AnswerNumbers,
    /// How the replays are answered.
    pub now: AnswerNumbers,
    /// The requests that are answered by another source than they were, or for which this cannot be said.
    pub differing: Vec<DifferingRequest<'a>>,
    /// The recordings that could not be replayed.
    pub failed: Vec<FailedReplay<'a>>,
}

impl<'a> ReplayComparison<'a> {
    /// The comparison, and the recordings that could not be replayed.
    pub fn new(comparison: &'a replay::Comparison, failed: Vec<FailedReplay<'a>>) -> Self {
        let (then, now) = (comparison.then(), comparison.now());
        Self {
            schema: RequestResult::SCHEMA,
            recordings: now.requests,
            undecidable: comparison.undecidable(),
            then: AnswerNumbers::from(&then),
            now: AnswerNumbers::from(&now),
            differing: comparison.differing().iter().map(DifferingRequest::from).collect(),
            failed,
        }
    }
}

/// How requests are answered.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct AnswerNumbers {
    /// The number of requests with an ad.
    pub filled: u64,
    /// The share of requests with an ad, from 0 to 1.
    pub fill_rate: f64,
    /// How many answers begin with an ad of each source.
    pub winners: BTreeMap<String, u64>,
    /// The times from the requests to their answers.
    pub latency: Latency,
}

impl From<&replay::AnswerNumbers> for AnswerNumbers {
    fn from(numbers: &replay::AnswerNumbers) -> Self {
        Self {
            filled: numbers.filled,
            fill_rate: (numbers.fill_rate() * 10_000.0).round() / 10_000.0,
            winners: numbers.winners.clone(),
            latency: Latency::from(&numbers.latency),
        }
    }
}

/// A request that is answered in another way than it was.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct DifferingRequest<'a> {
    /// The recording: its file, and its number if the file has several.
    pub recording: &'a str,
    /// The id of the request.
    pub request_id: &'a str,
    /// The answer of the recorded request.
    pub then: ShortAnswer<'a>,
    /// The answer of the replay.
    pub now: ShortAnswer<'a>,
    /// `true` when the replay needed an answer that the recording does not have; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undecidable: Option<bool>,
}

impl<'a> From<&'a replay::DifferingRequest> for DifferingRequest<'a> {
    fn from(request: &'a replay::DifferingRequest) -> Self {
        Self {
            recording: &request.recording,
            request_id: &request.request_id,
            then: ShortAnswer::from(&request.then),
            now: ShortAnswer::from(&request.now),
            undecidable: request.is_undecidable.then_some(true),
        }
    }
}

/// An answer in short.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ShortAnswer<'a> {
    /// Whether there is an ad.
    pub success: bool,
    /// The source of the first ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'a str>,
    /// The time from the request to the answer.
    pub elapsed_ms: f64,
}

impl<'a> From<&'a replay::ShortAnswer> for ShortAnswer<'a> {
    fn from(answer: &'a replay::ShortAnswer) -> Self {
        let elapsed_ms = milliseconds::measured(answer.elapsed);
        Self { success: answer.success, source: answer.source.as_deref(), elapsed_ms }
    }
}

/// A recording that could not be replayed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FailedReplay<'a> {
    /// The recording: its file, and its number if the file has several.
    pub recording: &'a str,
    /// Why.
    pub error: &'a str,
}

impl<'a> FailedReplay<'a> {
    /// The recording with this name failed for this reason.
    pub fn new(recording: &'a str, error: &'a str) -> Self {
        Self { recording, error }
    }
}
