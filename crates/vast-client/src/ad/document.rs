//! What is known of a document beside its ads.

use std::sync::Arc;
use std::time::Duration;

use vast_xml::Text;
use vast_xml::model::Vast;

/// A document of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentInfo {
    /// The number of the document in its tree; 0 is the source's own.
    pub hop: u32,
    /// The number of the document that named it.
    pub parent: Option<u32>,
    /// The URL it came from, after redirects; a path or a label where there is none.
    pub url: Arc<str>,
    /// `VAST@version` as read.
    pub version: Option<Text>,
    /// The HTTP status it came with, where there is one.
    pub status: Option<u16>,
    /// How long it took, retries and reading included.
    pub elapsed: Duration,
}

impl DocumentInfo {
    /// The leading `major.minor` of the version; `None` when it has no number.
    pub fn version_number(&self) -> Option<(u16, u16)> {
        Vast { version: self.version.clone(), ..Vast::default() }.version_number()
    }
}
