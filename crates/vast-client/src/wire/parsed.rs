//! What was read or resolved.

use schemars::JsonSchema;
use serde::Serialize;

use super::ad::Ad;
use super::tracker::TrackedUrl;
use crate::report::FetchResult;

/// What was read: the ads of the answer to a request with what they inherit from their wrappers, or one document as it
/// stands.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ParsedData<'a> {
    /// `VAST@version` of the document; for a request of the winning source's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<&'a str>,
    /// The document's own error URLs.
    pub root_errors: Vec<TrackedUrl<'a>>,
    /// What was odd about the document.
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
            warnings: document.map(|document| Warning::list(&document.warnings)).unwrap_or_default(),
            ads: result.ads.iter().map(Ad::from).collect(),
        })
    }
}

impl<'a> From<&'a vast_xml::Document> for ParsedData<'a> {
    fn from(document: &'a vast_xml::Document) -> Self {
        Self {
            version: document.vast.version.as_deref(),
            root_errors: TrackedUrl::list(&document.vast.errors, 0),
            warnings: Warning::list(&document.warnings),
            ads: document.vast.ads.iter().map(Ad::from).collect(),
        }
    }
}

/// Something odd about a document that could be read all the same.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Warning<'a> {
    /// The kind of oddity. The set grows with the reader.
    pub code: &'static str,
    /// Text for people.
    pub message: &'a str,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// In bytes, from 0.
    pub offset: usize,
}

impl<'a> Warning<'a> {
    fn list(warnings: &'a [vast_xml::Warning]) -> Vec<Self> {
        warnings.iter().map(Self::from).collect()
    }
}

impl<'a> From<&'a vast_xml::Warning> for Warning<'a> {
    fn from(warning: &'a vast_xml::Warning) -> Self {
        let vast_xml::Position { line, column, offset, .. } = warning.position;
        Self { code: warning.code.as_str(), message: &warning.message, line, column, offset }
    }
}
