//! The outcome of a source in a request, and its reason.

use std::fmt;

use crate::error::{ErrorType, Failure};

/// The outcome of a source in a request. The set is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum Outcome {
    /// The source had a usable ad.
    Filled,
    /// The source responded that it has no ad.
    NoAd,
    /// The source responded with ads, and each of them was rejected.
    Rejected,
    /// The source failed, or a time limit (its own, its tier's or the request's) ended it.
    Failed,
    /// Another source won, or the caller dropped the request. Time limits give `Failed`.
    Cancelled,
    /// A rule excluded the source before it was asked: see [`SkipReason`].
    Skipped,
    /// The request was complete before it was the source's turn.
    NotStarted,
}

impl Outcome {
    /// The name used in results, for example `no_ad`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The outcome of a lane, document or break that ends with this failure.
    pub(crate) fn of_failure(failure: &Failure) -> Self {
        match failure.error_type {
            ErrorType::NoAd | ErrorType::WrapperNoAd => Self::NoAd,
            ErrorType::Filtered => Self::Rejected,
            ErrorType::NotRecorded => Self::Skipped,
            _ => Self::Failed,
        }
    }
}

/// The rule that excluded a source, or a break of a playlist, before it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum SkipReason {
    /// Less time was left than [`TimeLimits::min_useful`](crate::policy::TimeLimits::min_useful).
    NoTime,
    /// The GDPR applies, there is no consent string, and the source needs consent
    /// ([`Privacy::require_consent`](crate::request::Privacy::require_consent)).
    Consent,
    /// The playlist has more breaks than are run ([`CostLimits::max_breaks`](crate::policy::CostLimits::max_breaks)).
    MaxBreaks,
    /// Another break of the playlist was asked for ([`AdRequest::break_id`](crate::AdRequest::break_id)).
    OtherBreak,
    /// The source has failed too often and is ejected for some time ([`BreakerSettings`](crate::policy::BreakerSettings)).
    BreakerOpen,
    /// The host has ejected the source ([`Plan::eject`](crate::Plan::eject)).
    Ejected,
    /// As many requests as permitted ask the source already ([`SourceConfig::max_concurrent`](crate::SourceConfig::max_concurrent)).
    Concurrency,
    /// As many requests as permitted have asked the source in the last second
    /// ([`SourceConfig::max_rate`](crate::SourceConfig::max_rate)).
    Rate,
    /// In a replay only: the recording does not have the answer of the source, or not all of it.
    NotRecorded,
}

impl SkipReason {
    /// Every reason.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name used in results.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoTime => "too little time was left to ask it",
            Self::Consent => "it is asked only with consent, and no consent is known",
            Self::MaxBreaks => "the playlist has more breaks than are run (raise `max_breaks`)",
            Self::OtherBreak => "another break was asked for",
            Self::BreakerOpen => "it has failed too often, and its circuit breaker is open",
            Self::Ejected => "an operator has ejected it",
            Self::Concurrency => "it is asked by as many requests as permitted (`max_concurrent`)",
            Self::Rate => "it was asked as often as permitted (`max_rate`)",
            Self::NotRecorded => "the recording does not have its answer",
        })
    }
}

/// Why a source gave no ad to the answer. The text of a reason, for people, is its [`Display`](fmt::Display).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndReason {
    /// The source failed, had no ad, or its ads were rejected. If there were several failures, this is the most
    /// important one: a failure is more important than a rejected ad, and a rejected ad more than "no ad". If the
    /// failure concerns a document below a wrapper, the message names that document.
    Failure(Failure),
    /// A rule excluded the source before it was asked.
    Skipped(SkipReason),
    /// Another source won.
    OtherSourceWon,
    /// Another source won, and the document that had arrived from this one was not read.
    NotRead,
    /// The caller dropped the request before it was answered.
    CallerStopped,
}

impl EndReason {
    /// The reason of a lane or break that ends with this failure.
    pub(crate) fn of_failure(failure: Failure) -> Self {
        match failure.error_type {
            ErrorType::NotRecorded => Self::Skipped(SkipReason::NotRecorded),
            _ => Self::Failure(failure),
        }
    }
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(failure) => failure.fmt(f),
            Self::Skipped(reason) => reason.fmt(f),
            Self::OtherSourceWon => f.write_str("another source won"),
            Self::NotRead => f.write_str("not read: another source won"),
            Self::CallerStopped => f.write_str("the caller stopped waiting"),
        }
    }
}
