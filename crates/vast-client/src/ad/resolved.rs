//! A resolved ad.

use std::sync::Arc;

use vast_xml::Text;
use vast_xml::model::{Ad, AdKind, AdType, InLine};

use super::document::DocumentInfo;
use super::tree::WrapperLevel;
use crate::request::SourceTree;

/// An `InLine` ad with the wrappers above it, outermost first.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedAd {
    /// The tree it came from.
    pub tree: Arc<SourceTree>,
    /// The wrappers above, outermost first.
    pub wrappers: Vec<Arc<WrapperLevel>>,
    /// The document that holds the `InLine`.
    pub document: Arc<DocumentInfo>,
    /// `Ad@id`.
    pub id: Option<Text>,
    /// The position in a pod: that of the outermost ancestor that has one.
    pub sequence: Option<u32>,
    /// `Ad@adType`, of the `InLine`, else of the nearest wrapper that has one; absent means video.
    pub ad_type: Option<AdType>,
    /// `Ad@conditionalAd`, found likewise: whether it may end up showing nothing; absent means no.
    pub conditional_ad: Option<bool>,
    /// The `InLine` as read.
    pub inline: Box<InLine>,
}

impl ResolvedAd {
    /// The resolved ad made of `ad` and the wrappers above it; `None` when `ad` is a wrapper itself.
    pub fn new(
        tree: Arc<SourceTree>,
        wrappers: Vec<Arc<WrapperLevel>>,
        document: Arc<DocumentInfo>,
        ad: Ad,
    ) -> Option<Self> {
        let AdKind::InLine(inline) = ad.kind else { return None };
        let sequence = wrappers.iter().find_map(|level| level.sequence).or(ad.sequence);
        let nearest = || wrappers.iter().rev();
        let ad_type = ad.ad_type.or_else(|| nearest().find_map(|level| level.ad_type.clone()));
        let conditional_ad = ad.conditional_ad.or_else(|| nearest().find_map(|level| level.conditional_ad));
        Some(Self { tree, wrappers, document, id: ad.id, sequence, ad_type, conditional_ad, inline })
    }

    /// The document of the `InLine`.
    pub fn hop(&self) -> u32 {
        self.document.hop
    }

    /// `AdServingId`: names this very serving, in the trackers of its wrappers, too (VAST 4.3 section 3.4.3).
    pub fn ad_serving_id(&self) -> Option<&Text> {
        self.inline.ad_serving_id.as_ref()
    }
}
