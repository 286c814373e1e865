//! A resolved ad, and the parts that the whole ad inherits.

use std::sync::Arc;

use vast_xml::Text;
use vast_xml::model::{Ad, AdKind, AdType, Creative, Extension, Impression, InLine, Pricing, Verification};

use super::chain::{ErrorUrl, WrapperLevel};
use super::level::Level;
use super::part::Inherited;
use super::urls::resolve_ads;
use crate::journal::DocumentInfo;
use crate::request::SourceTree;

/// An `InLine` ad with the wrappers above it, outermost first.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedAd {
    /// The source tree that the ad came from.
    pub tree: Arc<SourceTree>,
    /// The wrappers above, outermost first.
    pub wrappers: Vec<Arc<WrapperLevel>>,
    /// The document that contains the `InLine`.
    pub document: Arc<DocumentInfo>,
    /// `Ad@id`.
    pub id: Option<Text>,
    /// The position in a pod: that of the outermost ancestor that has one.
    pub sequence: Option<u32>,
    /// The number of the document that contains the pod; `None` for a stand-alone ad. Ads of one source with the same
    /// number belong to the same pod.
    pub pod: Option<u32>,
    /// `Ad@adType` of the `InLine`, else of the nearest wrapper that has the attribute. `None` means video.
    pub ad_type: Option<AdType>,
    /// `Ad@conditionalAd` of the `InLine`, else of the nearest wrapper that has the attribute: whether the ad may show
    /// nothing. `None` means no.
    pub conditional_ad: Option<bool>,
    /// The `InLine` as in the document, except that its URLs are absolute.
    pub inline: Box<InLine>,
}

impl ResolvedAd {
    /// The resolved ad that consists of `ad` and the wrappers above it; `None` if `ad` is a wrapper. The URLs of `ad` are made
    /// absolute.
    pub fn new(
        tree: Arc<SourceTree>,
        wrappers: Vec<Arc<WrapperLevel>>,
        document: Arc<DocumentInfo>,
        ad: Ad,
    ) -> Option<Self> {
        let mut ad = ad;
        resolve_ads(std::slice::from_mut(&mut ad), &document.url);
        Self::of_absolute(tree, wrappers, document, ad)
    }

    /// [`new`](Self::new) for an `ad` whose URLs are absolute already.
    pub(crate) fn of_absolute(
        tree: Arc<SourceTree>,
        wrappers: Vec<Arc<WrapperLevel>>,
        document: Arc<DocumentInfo>,
        ad: Ad,
    ) -> Option<Self> {
        let AdKind::InLine(inline) = ad.kind else { return None };
        let outermost = wrappers.iter().find(|level| level.sequence.is_some());
        let sequence = outermost.map_or(ad.sequence, |level| level.sequence);
        let pod = outermost.map(|level| level.document.hop).or(ad.sequence.map(|_| document.hop));
        let nearest = || wrappers.iter().rev();
        let ad_type = ad.ad_type.or_else(|| nearest().find_map(|level| level.ad_type.clone()));
        let conditional_ad = ad.conditional_ad.or_else(|| nearest().find_map(|level| level.conditional_ad));
        Some(Self { tree, wrappers, document, id: ad.id, sequence, pod, ad_type, conditional_ad, inline })
    }

    /// Whether the document of the ad, or one of a wrapper above it, comes from the cache: it was fetched for another request.
    pub fn is_from_cache(&self) -> bool {
        self.document.from_cache || self.wrappers.iter().any(|level| level.document.from_cache)
    }

    /// The number of the document that contains the `InLine`.
    pub fn hop(&self) -> u32 {
        self.document.hop
    }

    /// `AdServingId`: identifies this serving of the ad, also in the trackers of its wrappers (VAST 4.3 section 3.4.3).
    pub fn ad_serving_id(&self) -> Option<&Text> {
        self.inline.ad_serving_id.as_ref()
    }
}

impl ResolvedAd {
    /// All levels: the wrappers, outermost first, then the `InLine`.
    pub fn levels(&self) -> impl DoubleEndedIterator<Item = Level<'_>> {
        self.levels_above().chain([self.own_level()])
    }

    pub(super) fn own_level(&self) -> Level<'_> {
        Level::of_inline(&self.document, self.id.as_ref(), &self.inline)
    }

    pub(super) fn levels_above(&self) -> impl DoubleEndedIterator<Item = Level<'_>> {
        self.wrappers.iter().map(|level| Level::of_wrapper(level))
    }

    /// Every creative of every level, outermost first. The index is that of the creative in the `InLine`; it is `None`
    /// for a creative of a wrapper, whose trackers apply to every creative of its kind (VAST 4.3 section 3.14.2).
    pub(super) fn levels_by_creative(&self) -> impl Iterator<Item = (Level<'_>, Option<usize>, &Creative)> {
        let above = self.levels_above();
        let above = above.flat_map(|level| level.creatives.iter().map(move |creative| (level, None, creative)));
        let own = self.own_level();
        let of_own = own.creatives.iter().enumerate().map(move |(number, creative)| (own, Some(number), creative));
        above.chain(of_own)
    }

    fn of_all<'a, T: 'a>(&'a self, part: fn(Level<'a>) -> &'a [T]) -> impl Iterator<Item = Inherited<'a, T>> {
        self.levels().flat_map(move |level| level.inherit(part(level)))
    }

    /// Impressions of all levels, outermost first; equal URLs are kept (VAST 4.3 sections 2.3.4, 3.4.4).
    pub fn impressions(&self) -> impl Iterator<Item = Inherited<'_, Impression>> {
        self.of_all(|level| level.impressions)
    }

    /// Error URLs of all levels, outermost first (VAST 4.3 section 2.3.6).
    pub fn errors(&self) -> impl Iterator<Item = Inherited<'_, Text>> {
        self.of_all(|level| level.errors)
    }

    /// The [`errors`](Self::errors) with their documents.
    pub(crate) fn error_urls(&self) -> impl Iterator<Item = ErrorUrl<'_>> {
        self.levels().flat_map(|level| ErrorUrl::all(level.document, level.errors))
    }

    /// Verification code of all levels, outermost first. If several levels have code of the same vendor, each of them
    /// is in the list (VAST 4.3 sections 2.4.2 and 3.16).
    pub fn verifications(&self) -> impl Iterator<Item = Inherited<'_, Verification>> {
        self.of_all(|level| level.ad_verifications)
    }

    /// Extensions of all levels, outermost first (VAST 4.3 section 3.18).
    pub fn extensions(&self) -> impl Iterator<Item = Inherited<'_, Extension>> {
        self.of_all(|level| level.extensions)
    }

    /// The price: that of the outermost wrapper that has one, else that of the `InLine` (VAST 4.3 section 3.4.8).
    pub fn pricing(&self) -> Option<Inherited<'_, Pricing>> {
        self.levels().find_map(|level| level.pricing.map(|item| Inherited { hop: level.hop(), item }))
    }

    /// Trackers of viewability of all levels, outermost first (VAST 4.3 section 3.5). `None` when no level has a
    /// `ViewableImpression`.
    pub fn viewability(&self) -> Option<MergedViewability<'_>> {
        let levels = self.levels().filter_map(|level| Some((level, level.viewable_impression?)));
        levels.fold(None, |merged: Option<MergedViewability<'_>>, (level, item)| {
            let mut merged = merged.unwrap_or_default();
            merged.id = merged.id.or(item.id.as_ref());
            merged.viewable.extend(level.inherit(&item.viewable));
            merged.not_viewable.extend(level.inherit(&item.not_viewable));
            merged.view_undetermined.extend(level.inherit(&item.view_undetermined));
            Some(merged)
        })
    }
}

/// `ViewableImpression` of all levels. The player calls exactly one of the three lists, with all its URLs.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct MergedViewability<'a> {
    /// `id`, of the outermost level that has one.
    pub id: Option<&'a Text>,
    /// Called when the ad was viewable.
    pub viewable: Vec<Inherited<'a, Text>>,
    /// Called when the ad was not viewable.
    pub not_viewable: Vec<Inherited<'a, Text>>,
    /// Called when the player could not determine the viewability.
    pub view_undetermined: Vec<Inherited<'a, Text>>,
}
