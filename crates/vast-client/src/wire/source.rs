//! The outcomes of sources, ads and failures.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::milliseconds;
use crate::error::{ErrorType, Phase};
use crate::journal::{EndReason, Outcome, SkipReason, WrapperInfo};
use crate::policy::TierKind;
use crate::policy::TimeLimit;
use crate::report::{CandidateReport, CandidateVerdict, DocumentInfo, ErrorReport, SourceReport};
use crate::select::{self, RejectionReason};
use crate::transport::RedirectStep;

/// A source and its outcome.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Source<'a> {
    /// The name of the source.
    pub name: &'a str,
    /// The URL that was requested, with macros filled in. The configured URL if the source was not asked.
    pub url: &'a str,
    /// The tier of the source: a primary source or a fallback.
    pub tier: TierKind,
    /// How the request to the source ended.
    #[serde(flatten)]
    pub end: End<'a>,
    /// The number of attempts to fetch the source's own document.
    pub attempts: u32,
    /// The time from the start of the request to the start of the lane. Absent if the source was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began_ms: Option<u64>,
    /// The running time of the lane. Absent if the source was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<f64>,
    /// The HTTP status of the last response for the source's own document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The size of the source's own document as sent, in bytes.
    pub bytes: u64,
    /// The redirects of the last attempt to fetch the source's own document, in order. Absent if there were none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirects: Vec<Redirect<'a>>,
    /// Whether the source's own document, or the reason why there is none, comes from the cache: it was fetched for another request. Absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub from_cache: bool,
    /// The documents that the wrappers of the source led to.
    pub hops: Vec<Hop<'a>>,
    /// The wrappers that were read, also those of chains that broke. Absent if there were none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wrappers: Vec<ReadWrapper<'a>>,
}

impl<'a> From<&'a SourceReport> for Source<'a> {
    fn from(source: &'a SourceReport) -> Self {
        Self {
            name: &source.name,
            url: &source.url,
            tier: source.tier,
            end: End::new(source.outcome, source.reason.as_ref()),
            attempts: source.attempts,
            began_ms: source.began.map(milliseconds::whole),
            elapsed_ms: source.elapsed.map(milliseconds::measured),
            status: source.status,
            bytes: source.bytes,
            redirects: source.redirects.iter().map(Redirect::from).collect(),
            from_cache: source.from_cache,
            hops: source.hops.iter().map(|hop| Hop::from(&**hop)).collect(),
            wrappers: source.wrappers.iter().map(|wrapper| ReadWrapper::from(&**wrapper)).collect(),
        }
    }
}

/// How a source or a break of a playlist ended.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct End<'a> {
    /// The outcome.
    pub outcome: Outcome,
    /// The reason of the outcome, for people. Absent if there is an ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Cow<'a, str>>,
    /// The kind of the failure that the reason is about. Absent if there was no failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_type: Option<ErrorType>,
    /// The rule that kept the source or the break from being asked, for `skipped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_reason: Option<SkipReason>,
}

impl<'a> End<'a> {
    pub(super) fn new(outcome: Outcome, reason: Option<&'a EndReason>) -> Self {
        let (error_type, skip_reason) = match reason {
            Some(EndReason::Failure(failure)) => (Some(failure.error_type), None),
            Some(EndReason::Skipped(reason)) => (None, Some(*reason)),
            _ => (None, None),
        };
        let reason = reason.map(|reason| match reason {
            EndReason::Failure(failure) => Cow::Borrowed(&*failure.message),
            EndReason::Skipped(reason) => Cow::Borrowed(reason.as_str()),
            other => Cow::Owned(other.to_string()),
        });
        Self { outcome, reason, error_type, skip_reason }
    }
}

/// A redirect (HTTP status 301, 302, 303, 307 or 308).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Redirect<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The URL that was requested.
    pub url: &'a str,
    /// The URL that the answer names.
    pub location: &'a str,
}

impl<'a> From<&'a RedirectStep> for Redirect<'a> {
    fn from(step: &'a RedirectStep) -> Self {
        Self { status: step.status, url: &step.url, location: &step.location }
    }
}

/// A wrapper that was read.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ReadWrapper<'a> {
    /// The number of the document that contains the wrapper; 0 is the source's own document.
    pub hop: u32,
    /// The number of the document that the wrapper led to, in `hops`. Absent if the wrapper was not followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leads_to: Option<u32>,
    /// `Ad@id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_id: Option<&'a str>,
    /// `AdSystem`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_system: Option<&'a str>,
    /// The number of `Impression` URLs in the wrapper.
    pub impressions: usize,
    /// The `Error` URLs of the wrapper. Macros are not filled in.
    pub error_urls: Vec<&'a str>,
}

impl<'a> From<&'a WrapperInfo> for ReadWrapper<'a> {
    fn from(wrapper: &'a WrapperInfo) -> Self {
        Self {
            hop: wrapper.hop,
            leads_to: wrapper.leads_to,
            ad_id: wrapper.ad_id.as_deref(),
            ad_system: wrapper.ad_system.as_deref(),
            impressions: wrapper.impressions,
            error_urls: wrapper.error_urls.iter().map(|url| url.as_str()).collect(),
        }
    }
}

/// A document that a wrapper led to.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Hop<'a> {
    /// The number of the document; 0 would be the source's own document.
    pub hop: u32,
    /// The number of the document that contains the wrapper.
    pub parent: u32,
    /// The URL with macros filled in. The text of the wrapper if the document was not requested.
    pub url: &'a str,
    /// The ad system of the wrapper that led to the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_system: Option<&'a str>,
    /// `VAST@version` of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<&'a str>,
    /// The HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The time that fetching and reading the document took, including retries.
    pub elapsed_ms: f64,
    /// The size as sent, in bytes.
    pub bytes: u64,
    /// The redirects of the last attempt to fetch the document, in order. Absent if there were none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirects: Vec<Redirect<'a>>,
    /// Whether the document comes from the cache: it was fetched for another request. Absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub from_cache: bool,
    /// How fetching and reading the document ended.
    pub outcome: Outcome,
}

impl<'a> From<&'a DocumentInfo> for Hop<'a> {
    fn from(hop: &'a DocumentInfo) -> Self {
        Self {
            hop: hop.hop,
            parent: hop.parent.unwrap_or_default(),
            url: &hop.url,
            ad_system: hop.ad_system.as_deref(),
            version: hop.version.as_deref(),
            status: hop.status,
            elapsed_ms: milliseconds::measured(hop.elapsed),
            bytes: hop.bytes,
            redirects: hop.redirects.iter().map(Redirect::from).collect(),
            from_cache: hop.from_cache,
            outcome: hop.outcome,
        }
    }
}

/// An ad that was checked.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// The name of its source.
    pub source: &'a str,
    /// The number of the document that the ad is in, in `hops` of its source; 0 is the source's own document.
    pub hop: u32,
    /// `Ad@id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_id: Option<&'a str>,
    /// The verdict.
    pub verdict: CandidateVerdict,
    /// The reason, if the ad is not in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<RejectionReason>,
    /// The reason with its numbers, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'a str>,
    /// The ad of the answer that was chosen instead. Absent if there is no such ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub displaced_by: Option<DisplacedBy<'a>>,
    /// The VAST error code (VAST 4.3 section 2.3.6) that is reported: the ad was rejected, or removed from the end of a
    /// pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vast_error_code: Option<u16>,
}

impl<'a> From<&'a CandidateReport> for Candidate<'a> {
    fn from(candidate: &'a CandidateReport) -> Self {
        let rejection = candidate.rejection.as_ref();
        Self {
            source: &candidate.source,
            hop: candidate.hop,
            ad_id: candidate.ad_id.as_deref(),
            verdict: candidate.verdict,
            reason: rejection.map(|rejection| rejection.reason),
            message: rejection.map(|rejection| &*rejection.message),
            displaced_by: rejection.and_then(|rejection| rejection.displaced_by.as_ref()).map(DisplacedBy::from),
            vast_error_code: candidate.vast_error_code,
        }
    }
}

/// The ad of the answer that was chosen instead of another one.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct DisplacedBy<'a> {
    /// The position of the chosen ad in the answer, from 1.
    pub position: usize,
    /// The name of its source.
    pub source: &'a str,
    /// `Ad@id` of the chosen ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_id: Option<&'a str>,
}

impl<'a> From<&'a select::DisplacedBy> for DisplacedBy<'a> {
    fn from(ad: &'a select::DisplacedBy) -> Self {
        Self { position: ad.position, source: &ad.source, ad_id: ad.ad_id.as_deref() }
    }
}

/// A failure.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ErrorEntry<'a> {
    /// The name of the source.
    pub source: &'a str,
    /// The stage; below a wrapper it is `resolve`, but of a `filtered` ad `select`.
    pub phase: Phase,
    /// Text for people.
    pub error: &'a str,
    /// The kind of failure.
    pub error_type: ErrorType,
    /// The time limit that fired, for `timeout`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<TimeLimit>,
    /// The HTTP status, if a response arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The VAST error code (VAST 4.3 section 2.3.6) that is reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vast_error_code: Option<u16>,
    /// The document that failed. 0 is the source's own document.
    pub hop: u32,
    /// The break of the source's playlist that failed, by its number in `breaks`, from 0. Absent for other failures, and among the
    /// errors of a break itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_number: Option<usize>,
}

impl<'a> From<&'a ErrorReport> for ErrorEntry<'a> {
    fn from(report: &'a ErrorReport) -> Self {
        let failure = &report.failure;
        Self {
            source: &report.source,
            phase: report.phase,
            error: &failure.message,
            error_type: failure.error_type,
            limit: failure.limit,
            status: failure.status,
            vast_error_code: failure.vast_error_code,
            hop: report.hop,
            break_number: report.break_number,
        }
    }
}
