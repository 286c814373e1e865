//! The report of a source.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use vast_xml::Position;

use crate::error::{Failure, Phase};
use crate::journal::{DocumentInfo, EndReason, Outcome, WrapperInfo};
use crate::policy::TierKind;
use crate::transport::RedirectStep;

/// The wrappers of a chain that every client must follow (VAST 4.3 section 3.19.1): the room for those of a source that has any.
pub(super) const CHAIN: usize = 5;

/// The outcome of a source, with its attempts, documents and wrappers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SourceReport {
    /// The name of the source.
    pub name: Arc<str>,
    /// The URL that was requested, with macros filled in. The configured URL if the source was not asked.
    pub url: Arc<str>,
    /// The tier of the source.
    pub tier: TierKind,
    /// The outcome of the source.
    pub outcome: Outcome,
    /// The reason; `None` for `Filled`. Each rejected ad of the source is listed, with its own reason, in
    /// [`FetchResult::candidates`](crate::FetchResult::candidates).
    pub reason: Option<EndReason>,
    /// The number of attempts to fetch the source's own document.
    pub attempts: u32,
    /// The running time of the lane, without the time for which its document waited to be read; `None` if the source was not asked.
    pub elapsed: Option<Duration>,
    /// The time from the start of the request to the start of the lane; `None` if the source was not asked.
    pub began: Option<Duration>,
    /// The HTTP status of the last response for the source's own document.
    pub status: Option<u16>,
    /// The size of the source's own document as sent, in bytes.
    pub bytes: u64,
    /// The redirects of the last attempt to fetch the source's own document, in order.
    pub redirects: Vec<RedirectStep>,
    /// Whether the source's own document, or the reason why there is none, comes from the cache.
    pub from_cache: bool,
    /// The documents that the wrappers of the source led to.
    pub hops: Vec<Arc<DocumentInfo>>,
    /// The wrappers that were read, also those of chains that broke.
    pub wrappers: Vec<Arc<WrapperInfo>>,
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
    /// The severity of the warning.
    pub severity: vast_xml::Severity,
    /// Text for people.
    pub message: Cow<'static, str>,
    /// The position in the document, if the warning has one.
    pub position: Option<Position>,
}
