//! Error URLs and the documents they are relative to.

use vast_xml::Text;

use super::document::DocumentInfo;

/// An error URL with the document that holds it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwedUrl<'a> {
    /// The document.
    pub(crate) document: &'a DocumentInfo,
    /// The URL, macros not filled in.
    pub(crate) url: &'a Text,
}

impl<'a> OwedUrl<'a> {
    /// Those of `urls`, which `document` holds.
    pub(crate) fn all(document: &'a DocumentInfo, urls: &'a [Text]) -> impl Iterator<Item = Self> {
        urls.iter().map(move |url| Self { document, url })
    }
}
