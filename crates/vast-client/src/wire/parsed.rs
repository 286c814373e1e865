//! What was read or resolved.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::Position;

use super::ad::Ad;
use super::tracker::TrackedUrl;
use crate::report::{FetchResult, WarningReport};

/// What was read: the ads of the answer to a request with what they inherit from their wrappers, or one document as it
/// stands.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ParsedData<'a> {
    /// `VAST@version` of the document; for a request of the winning source's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<&'a str>,
    /// The document's own error URLs.
    pub root_errors: Vec<TrackedUrl<'a>>,
    /// What was odd about the document; for a request about all documents of the winning source's tree.
    pub warnings: Vec<Warning<'a>>,
    /// The ads, for a request in order of play.
    pub ads: Vec<Ad<'a>>,
}

impl<'a> ParsedData<'a> {
    /// The answer to a request; `None` when there is no ad.
    pub fn of_answer(result: &'a FetchResult) -> Option<Self> {
        let document = result.document.as_ref();
        result.success.then(|| Self {
            version: document.and_then(|document| document.version.as_deref()),
            root_errors: document.map(|document| TrackedUrl::list(&document.root_errors, 0)).unwrap_or_default(),
            warnings: of_source(&result.warnings, result.source.as_deref()).map(Warning::from).collect(),
            ads: result.ads.iter().map(Ad::from).collect(),
        })
    }
}

impl<'a> From<&'a vast_xml::Document> for ParsedData<'a> {
    fn from(document: &'a vast_xml::Document) -> Self {
        Self {
            version: document.vast.version.as_deref(),
            root_errors: TrackedUrl::list(&document.vast.errors, 0),
            warnings: document.warnings.iter().map(Warning::from).collect(),
            ads: document.vast.ads.iter().map(Ad::from).collect(),
        }
    }
}

fn of_source<'a>(warnings: &'a [WarningReport], name: Option<&str>) -> impl Iterator<Item = &'a WarningReport> {
    warnings.iter().filter(move |warning| Some(&*warning.source) == name)
}

/// Something odd about a document that could be read all the same.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Warning<'a> {
    /// The kind of oddity. The set grows with the reader.
    pub code: &'static str,
    /// Text for people.
    pub message: &'a str,
    /// The document concerned; 0 is the one that was read first.
    pub hop: u32,
    /// From 1; absent when it is about no one place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// In characters, from 1; absent like `line`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// In bytes, from 0; absent like `line`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
}

impl<'a> Warning<'a> {
    fn new(code: &'static str, message: &'a str, hop: u32, position: Option<Position>) -> Self {
        let line = position.map(|position| position.line);
        let column = position.map(|position| position.column);
        let offset = position.map(|position| position.offset);
        Self { code, message, hop, line, column, offset }
    }
}

impl<'a> From<&'a vast_xml::Warning> for Warning<'a> {
    fn from(warning: &'a vast_xml::Warning) -> Self {
        Self::new(warning.code.as_str(), &warning.message, 0, Some(warning.position))
    }
}

impl<'a> From<&'a WarningReport> for Warning<'a> {
    fn from(warning: &'a WarningReport) -> Self {
        Self::new(warning.code, &warning.message, warning.hop, warning.position)
    }
}
