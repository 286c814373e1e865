//! Trackers of viewability.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::{Text, model};

use super::tracker::TrackedUrl;
use crate::ad::{Inherited, MergedViewability};

/// Trackers of viewability of all levels, outermost wrapper first (VAST 4.3 section 3.5). The player calls exactly one of the
/// three lists, with all its URLs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ViewableImpression<'a> {
    /// `id`, of the outermost level that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// Called when the ad was viewable.
    pub viewable: Vec<TrackedUrl<'a>>,
    /// Called when it was not.
    pub not_viewable: Vec<TrackedUrl<'a>>,
    /// Called when the player cannot tell.
    pub view_undetermined: Vec<TrackedUrl<'a>>,
}

impl<'a> ViewableImpression<'a> {
    /// That of one document that is read on its own.
    pub(super) fn own(item: &'a model::ViewableImpression) -> Self {
        Self {
            id: item.id.as_deref(),
            viewable: TrackedUrl::list(&item.viewable, 0),
            not_viewable: TrackedUrl::list(&item.not_viewable, 0),
            view_undetermined: TrackedUrl::list(&item.view_undetermined, 0),
        }
    }
}

impl<'a> From<MergedViewability<'a>> for ViewableImpression<'a> {
    fn from(merged: MergedViewability<'a>) -> Self {
        let urls = |urls: Vec<Inherited<'a, Text>>| urls.into_iter().map(TrackedUrl::from).collect();
        Self {
            id: merged.id.map(|id| &**id),
            viewable: urls(merged.viewable),
            not_viewable: urls(merged.not_viewable),
            view_undetermined: urls(merged.view_undetermined),
        }
    }
}
