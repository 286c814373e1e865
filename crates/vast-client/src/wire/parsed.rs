//! The ads of an answer, or the content of a document.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::Severity;
use vast_xml::{Position, model, vmap};

use super::ad::Ad;
use super::ad_source::{AdSource, BreakEvents};
use super::break_end::BreakEnd;
use super::extension::Extension;
use super::milliseconds;
use super::tracker::TrackedUrl;
use crate::report::{BreakResult, FetchResult, WarningReport};

/// For a request: the ads of the answer, with the parts that they inherit from their wrappers. For a document: its
/// content, without parts of wrappers.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ParsedData<'a> {
    /// `VAST@version` or `VMAP@version` of the document. For a request: of the winning source's own document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<&'a str>,
    /// The document's own error URLs.
    pub root_errors: Vec<TrackedUrl<'a>>,
    /// Warnings about the document. For a request: about all documents of the winning source's tree.
    pub warnings: Vec<Warning<'a>>,
    /// The ads. For a request: in order of play. For a playlist they are in its breaks.
    pub ads: Vec<Ad<'a>>,
    /// The breaks of a playlist (VMAP), in document order. Absent for a VAST document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaks: Option<Vec<AdBreak<'a>>>,
    /// The extensions of a playlist. Absent for a VAST document, where the ads have the extensions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Vec<Extension<'a>>>,
}

impl<'a> ParsedData<'a> {
    /// The ads of the answer to a request, or the breaks of its playlist; `None` if there is neither.
    pub fn of_answer(result: &'a FetchResult) -> Option<Self> {
        let document = result.document.as_ref();
        let schedule = result.schedule.as_ref();
        (result.success || schedule.is_some()).then(|| Self {
            version: match (document, schedule) {
                (Some(document), _) => document.version.as_deref(),
                (None, schedule) => schedule.and_then(|schedule| schedule.version.as_deref()),
            },
            root_errors: document.map(|document| TrackedUrl::list(&document.root_errors, 0)).unwrap_or_default(),
            warnings: of_source(&result.warnings, result.source.as_deref()).map(Warning::from).collect(),
            ads: result.ads.iter().map(|ad| Ad::of_answer(ad, &result.request.slot)).collect(),
            breaks: schedule.map(|schedule| schedule.breaks.iter().map(AdBreak::from).collect()),
            extensions: schedule.map(|schedule| Extension::list(&schedule.extensions, 0)),
        })
    }
}

impl<'a> From<&'a vast_xml::Document> for ParsedData<'a> {
    fn from(document: &'a vast_xml::Document) -> Self {
        Self { warnings: document.warnings.iter().map(Warning::from).collect(), ..Self::from(&document.vast) }
    }
}

impl<'a> From<&'a model::Vast> for ParsedData<'a> {
    fn from(vast: &'a model::Vast) -> Self {
        Self {
            version: vast.version.as_deref(),
            root_errors: TrackedUrl::list(&vast.errors, 0),
            warnings: Vec::new(),
            ads: vast.ads.iter().map(Ad::from).collect(),
            breaks: None,
            extensions: None,
        }
    }
}

impl<'a> From<&'a vmap::VmapDocument> for ParsedData<'a> {
    fn from(document: &'a vmap::VmapDocument) -> Self {
        Self {
            version: document.vmap.version.as_deref(),
            root_errors: Vec::new(),
            warnings: document.warnings.iter().map(Warning::from).collect(),
            ads: Vec::new(),
            breaks: Some(document.vmap.breaks.iter().map(AdBreak::from).collect()),
            extensions: Some(Extension::list(&document.vmap.extensions, 0)),
        }
    }
}

/// A break: a time in the content at which ads are due (VMAP 1.0.1 section 2.3.1).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct AdBreak<'a> {
    /// The publisher's id of the break.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_id: Option<&'a str>,
    /// The time at which the break is due, in the notation of the standard: `start`, `end`, `hh:mm:ss.mmm`, `n%` or
    /// `#n`. Absent if the document has no valid offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_offset: Option<String>,
    /// `linear`, `nonlinear`, `display`, or another text of the document. The preferred type comes first.
    pub break_types: Vec<&'a str>,
    /// The break is repeated each time that this duration of the content has played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat_after_ms: Option<u64>,
    /// The source of the break's ads. Absent if the break has only trackers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_source: Option<AdSource<'a>>,
    /// The trackers of the break itself.
    pub tracking_events: BreakEvents<'a>,
    /// Extensions.
    pub extensions: Vec<Extension<'a>>,
    /// For a document: the VAST document inside the break; the warnings about it are among those of the playlist. For a request:
    /// the ads of the break, if it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Box<ParsedData<'a>>>,
    /// For a request: how the break ended, in keys with the names and meanings that the result of a request has.
    #[serde(flatten)]
    pub end: Option<BreakEnd<'a>>,
}

impl<'a> From<&'a vmap::AdBreak> for AdBreak<'a> {
    fn from(one: &'a vmap::AdBreak) -> Self {
        let result = match one.ad_data() {
            Some(vmap::AdData::Vast(vast)) => Some(Box::new(ParsedData::from(&**vast))),
            _ => None,
        };
        Self {
            break_id: one.break_id.as_deref(),
            time_offset: one.time_offset.map(|offset| offset.to_string()),
            break_types: one.break_types.iter().map(vmap::BreakType::as_str).collect(),
            repeat_after_ms: one.repeat_after.map(milliseconds::whole),
            ad_source: one.source.as_ref().map(AdSource::from),
            tracking_events: one.tracking_events.iter().collect(),
            extensions: Extension::list(&one.extensions, 0),
            result,
            end: None,
        }
    }
}

impl<'a> From<&'a BreakResult> for AdBreak<'a> {
    fn from(one: &'a BreakResult) -> Self {
        let result = one.answer.as_ref().and_then(ParsedData::of_answer).map(Box::new);
        Self { result, end: Some(BreakEnd::from(one)), ..Self::from(&one.ad_break) }
    }
}

fn of_source<'a>(warnings: &'a [WarningReport], name: Option<&str>) -> impl Iterator<Item = &'a WarningReport> {
    warnings.iter().filter(move |warning| Some(&*warning.source) == name)
}

/// A warning about a document that could be read.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Warning<'a> {
    /// The kind of warning. Later versions may add kinds.
    pub code: &'static str,
    /// `info`, `warning` or `error`. After an `error`, a tracker, a type, a file or an ad may be lost.
    pub severity: &'static str,
    /// Text for people.
    pub message: &'a str,
    /// The number of the document. 0 is the document that was read first.
    pub hop: u32,
    /// The line, from 1. Absent if the warning has no single position.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column in characters, from 1. Absent like `line`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The offset in bytes, from 0. Absent like `line`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
}

impl<'a> Warning<'a> {
    fn new((code, severity): (&'static str, Severity), message: &'a str, hop: u32, position: Option<Position>) -> Self {
        let line = position.map(|position| position.line);
        let column = position.map(|position| position.column);
        let offset = position.map(|position| position.offset);
        Self { code, severity: severity.as_str(), message, hop, line, column, offset }
    }
}

impl<'a> From<&'a vast_xml::Warning> for Warning<'a> {
    fn from(warning: &'a vast_xml::Warning) -> Self {
        Self::new((warning.code.as_str(), warning.code.severity()), &warning.message, 0, Some(warning.position))
    }
}

impl<'a> From<&'a WarningReport> for Warning<'a> {
    fn from(warning: &'a WarningReport) -> Self {
        Self::new((warning.code, warning.severity), &warning.message, warning.hop, warning.position)
    }
}
