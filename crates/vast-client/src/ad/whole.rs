//! What an ad as a whole inherits.

use vast_xml::Text;
use vast_xml::model::{Creative, Extension, Impression, Pricing, Verification};

use super::inherited::Inherited;
use super::level::Level;
use super::owed::OwedUrl;
use super::resolved::ResolvedAd;

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

    /// Every creative of every level, outermost first, with the number of the `InLine`'s creative that its trackers are about:
    /// its own, or, of a wrapper, all of its kind (VAST 4.3 section 3.14.2).
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

    /// Impressions of all levels, outermost first, none left out and equal ones kept (VAST 4.3 sections 2.3.4, 3.4.4).
    pub fn impressions(&self) -> impl Iterator<Item = Inherited<'_, Impression>> {
        self.of_all(|level| level.impressions)
    }

    /// Error URLs of all levels, outermost first (VAST 4.3 section 2.3.6).
    pub fn errors(&self) -> impl Iterator<Item = Inherited<'_, Text>> {
        self.of_all(|level| level.errors)
    }

    /// What is owed when the ad fails: those of [`errors`](Self::errors) with their documents.
    pub(crate) fn owed_urls(&self) -> impl Iterator<Item = OwedUrl<'_>> {
        self.levels().flat_map(|level| OwedUrl::all(level.document, level.errors))
    }

    /// Code that measures, of all levels, outermost first, that of one vendor on several levels several times (VAST 4.3
    /// sections 2.4.2 and 3.16).
    pub fn verifications(&self) -> impl Iterator<Item = Inherited<'_, Verification>> {
        self.of_all(|level| level.ad_verifications)
    }

    /// Extensions of all levels, outermost first (VAST 4.3 section 3.18).
    pub fn extensions(&self) -> impl Iterator<Item = Inherited<'_, Extension>> {
        self.of_all(|level| level.extensions)
    }

    /// What was paid: what the outermost wrapper says that says it, else the `InLine` (VAST 4.3 section 3.4.8).
    pub fn pricing(&self) -> Option<Inherited<'_, Pricing>> {
        self.levels().find_map(|level| level.pricing.map(|item| Inherited { hop: level.hop(), item }))
    }

    /// Who is told whether the ad could be seen: those of all levels, outermost first (VAST 4.3 section 3.5). `None` when no
    /// level has anybody.
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

/// `ViewableImpression` of all levels: one of the three groups is called, all of it together.
#[derive(Debug, Clone, Default)]
pub struct MergedViewability<'a> {
    /// `id`, of the outermost level that has one.
    pub id: Option<&'a Text>,
    /// The ad could be seen.
    pub viewable: Vec<Inherited<'a, Text>>,
    /// It could not.
    pub not_viewable: Vec<Inherited<'a, Text>>,
    /// Nobody knows.
    pub view_undetermined: Vec<Inherited<'a, Text>>,
}
