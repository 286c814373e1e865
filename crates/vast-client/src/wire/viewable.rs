//! Whether the ad could be seen.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::{Text, model};

use super::tracker::TrackedUrl;
use crate::ad::{Inherited, MergedViewability};

/// URLs of which one group is called, by whoever decides about viewability (VAST 4.3 section 3.5). Those of all levels,
/// outermost wrapper first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct ViewableImpression<'a> {
    /// `id`, of the outermost level that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// The ad could be seen.
    pub viewable: Vec<TrackedUrl<'a>>,
    /// It could not.
    pub not_viewable: Vec<TrackedUrl<'a>>,
    /// Nobody knows.
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
