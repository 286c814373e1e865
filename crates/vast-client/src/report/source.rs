//! How a source ended.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use vast_xml::Position;

use crate::error::{Failure, Phase};
use crate::journal::{DocumentInfo, EndReason, Outcome, WrapperInfo};
use crate::policy::TierKind;
use crate::transport::RedirectStep;

/// How the work for a source ended, and what it consisted of.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SourceReport {
    /// Its name.
    pub name: Arc<str>,
    /// The URL that was requested, with macros filled in. The configured URL if the source was not asked.
    pub url: Arc<str>,
    /// Its tier.
    pub tier: TierKind,
    /// How it ended.
    pub outcome: Outcome,
    /// The reason; `None` for `Filled`. Each rejected ad of the source stands, with its own reason, in
    /// [`FetchResult::candidates`](crate::FetchResult::candidates).
    pub reason: Option<EndReason>,
    /// How many attempts were made at its own document.
    pub attempts: u32,
    /// How long the lane ran; `None` if the source was not asked.
    pub elapsed: Option<Duration>,
    /// When the lane began, since the request began; `None` if the source was not asked.
    pub began: Option<Duration>,
    /// The HTTP status of the last response for its own document.
    pub status: Option<u16>,
    /// The size of its own document as sent, in bytes.
    pub bytes: u64,
    /// The redirects of the last attempt at its own document, in order.
    pub redirects: Vec<RedirectStep>,
    /// The documents that its wrappers led to.
    pub hops: Vec<DocumentInfo>,
    /// The wrappers that were read, also those of chains that broke.
    pub wrappers: Vec<WrapperInfo>,
}

/// A failure.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ErrorReport {
    /// The source.
    pub source: Arc<str>,
    /// The stage. After the source's own document it is `resolve`.
    pub phase: Phase,
    /// The document that failed; 0 is the source's own.
    pub hop: u32,
    /// The number of the break of the source's playlist, from 0, if the failure is one of a break. The result of the break has all
    /// its errors.
    pub break_number: Option<usize>,
    /// The failure.
    pub failure: Failure,
}

/// A warning about a document or about its tree. The document is used nevertheless.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WarningReport {
    /// The source.
    pub source: Arc<str>,
    /// The document concerned; 0 is the source's own.
    pub hop: u32,
    /// The kind of warning. Later versions of the reader may add kinds.
    pub code: &'static str,
    /// How bad it is.
    pub severity: vast_xml::Severity,
    /// Text for people.
    pub message: Cow<'static, str>,
    /// The position in the document, if the warning has one.
    pub position: Option<Position>,
}
