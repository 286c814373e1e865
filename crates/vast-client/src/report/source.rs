//! How a source ended.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use vast_xml::Position;

use crate::error::{Failure, Phase};
use crate::journal::{DocumentInfo, Outcome};
use crate::policy::TierKind;

/// How a source ended, and what it did.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SourceReport {
    /// Its name.
    pub name: Arc<str>,
    /// The URL it was asked at, macros filled in; its template when it was not asked.
    pub url: Arc<str>,
    /// Its tier.
    pub tier: TierKind,
    /// How it ended.
    pub outcome: Outcome,
    /// Why; none when filled.
    pub reason: Option<String>,
    /// How often its own document was asked for.
    pub attempts: u32,
    /// From its beginning to its end; none when it was not asked.
    pub elapsed: Option<Duration>,
    /// When it began, since the request began; none when it was not asked.
    pub began: Option<Duration>,
    /// The HTTP status of its own document's last answer.
    pub status: Option<u16>,
    /// The size of its own document as sent.
    pub bytes: u64,
    /// The documents its wrappers led to.
    pub hops: Vec<DocumentInfo>,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ErrorReport {
    /// The source.
    pub source: Arc<str>,
    /// The stage. Below a wrapper it is `resolve`.
    pub phase: Phase,
    /// The document concerned; 0 is the source's own.
    pub hop: u32,
    /// What went wrong.
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
    /// The kind of warning. New kinds are added with new checks of the reader.
    pub code: &'static str,
    /// How bad it is.
    pub severity: vast_xml::Severity,
    /// Text for people.
    pub message: Cow<'static, str>,
    /// Where in the document, when it is about one place of it.
    pub position: Option<Position>,
}
