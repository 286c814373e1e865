//! The documents of a source's tree and the wrappers on the way to an ad.

use std::sync::Arc;

use vast_xml::Text;
use vast_xml::model::{Ad, AdKind, AdType, Wrapper};

use super::urls::resolve_wrapper;
use crate::journal::DocumentInfo;

/// A wrapper on the way from a source's own document to an `InLine`.
#[derive(Debug, Clone, PartialEq)]
pub struct WrapperLevel {
    /// The document that contains the wrapper.
    pub document: Arc<DocumentInfo>,
    /// `Ad@id` of the wrapper ad.
    pub ad_id: Option<Text>,
    /// `Ad@sequence` of the wrapper ad.
    pub sequence: Option<u32>,
    /// `Ad@adType` of the wrapper ad.
    pub ad_type: Option<AdType>,
    /// `Ad@conditionalAd` of the wrapper ad.
    pub conditional_ad: Option<bool>,
    /// The wrapper as in the document, except that its URLs are absolute.
    pub wrapper: Box<Wrapper>,
}

impl WrapperLevel {
    /// The level for `wrapper`, which is the content of `ad` in `document`. The URLs of `wrapper` are made absolute.
    pub fn new(document: Arc<DocumentInfo>, ad: Ad, mut wrapper: Box<Wrapper>) -> Self {
        resolve_wrapper(&mut wrapper, &document.url);
        let Ad { id: ad_id, sequence, ad_type, conditional_ad, .. } = ad;
        Self { document, ad_id, sequence, ad_type, conditional_ad, wrapper }
    }

    /// The level of an ad whose URLs are absolute already. An ad that is no wrapper is given back.
    pub(crate) fn of_absolute(document: Arc<DocumentInfo>, mut ad: Ad) -> Result<Self, Ad> {
        // The wrapper is moved out of `ad`: to take it would put an empty `InLine` in its place.
        match ad.kind {
            AdKind::Wrapper(wrapper) => {
                let Ad { id: ad_id, sequence, ad_type, conditional_ad, .. } = ad;
                Ok(Self { document, ad_id, sequence, ad_type, conditional_ad, wrapper })
            }
            kind => {
                ad.kind = kind;
                Err(ad)
            }
        }
    }
}

/// An error URL with the document that contains it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ErrorUrl<'a> {
    /// The document. Relative URLs are resolved against it.
    pub(crate) document: &'a DocumentInfo,
    /// The URL. Macros are not filled in.
    pub(crate) url: &'a Text,
}

impl<'a> ErrorUrl<'a> {
    /// An `ErrorUrl` for each of `urls`, which come from `document`.
    pub(crate) fn all(document: &'a DocumentInfo, urls: &'a [Text]) -> impl Iterator<Item = Self> {
        urls.iter().map(move |url| Self { document, url })
    }
}

/// The error URLs of `wrappers`, outermost first. They are called when the documents below fail (VAST 4.3 section 2.3.6).
pub(crate) fn wrapper_errors(wrappers: &[Arc<WrapperLevel>]) -> impl Iterator<Item = ErrorUrl<'_>> {
    wrappers.iter().flat_map(|level| ErrorUrl::all(&level.document, &level.wrapper.errors))
}

/// The category codes that the ads below `wrappers` must not have: those of all wrappers, each once (VAST 4.3 section
/// 3.19.2).
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
