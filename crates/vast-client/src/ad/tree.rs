//! The tree of documents that an ad was found in.

use std::sync::Arc;

use vast_xml::Text;
use vast_xml::model::{Ad, AdType, Wrapper};

use super::document::DocumentInfo;
use super::owed::OwedUrl;

/// A wrapper on the way from a source's own document to an `InLine`.
#[derive(Debug, Clone, PartialEq)]
pub struct WrapperLevel {
    /// The document that holds the wrapper.
    pub document: Arc<DocumentInfo>,
    /// `Ad@id` of the wrapper ad.
    pub ad_id: Option<Text>,
    /// `Ad@sequence` of the wrapper ad.
    pub sequence: Option<u32>,
    /// `Ad@adType` of the wrapper ad.
    pub ad_type: Option<AdType>,
    /// `Ad@conditionalAd` of the wrapper ad.
    pub conditional_ad: Option<bool>,
    /// The wrapper as read.
    pub wrapper: Wrapper,
}

impl WrapperLevel {
    /// The level that `wrapper`, which was `ad`, makes in `document`.
    pub fn new(document: Arc<DocumentInfo>, ad: Ad, wrapper: Wrapper) -> Self {
        let Ad { id: ad_id, sequence, ad_type, conditional_ad, .. } = ad;
        Self { document, ad_id, sequence, ad_type, conditional_ad, wrapper }
    }
}

/// Error URLs of `wrappers`, outermost first: what is owed when the path fails below them (VAST 4.3 section 2.3.6).
pub(crate) fn wrapper_errors(wrappers: &[Arc<WrapperLevel>]) -> impl Iterator<Item = OwedUrl<'_>> {
    wrappers.iter().flat_map(|level| OwedUrl::all(&level.document, &level.wrapper.errors))
}

/// What the documents below `wrappers` must not be about: the codes of all levels, each once (VAST 4.3 section 3.19.2).
pub fn blocked_categories(wrappers: &[Arc<WrapperLevel>]) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for blocked in wrappers.iter().flat_map(|level| &level.wrapper.blocked_ad_categories) {
        for code in &blocked.categories {
            if !codes.iter().any(|known| *known == **code) {
                codes.push(code.to_string());
            }
        }
    }
    codes
}
