//! Whether the ad could be seen.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::model;

use super::tracker::TrackedUrl;
use crate::ad::Inherited;

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
    /// All levels in one; `None` when no level has one.
    pub(super) fn merged(levels: impl Iterator<Item = Inherited<'a, model::ViewableImpression>>) -> Option<Self> {
        levels.fold(None, |merged: Option<Self>, level| Some(merged.unwrap_or_default().with(level)))
    }

    fn with(mut self, Inherited { hop, item }: Inherited<'a, model::ViewableImpression>) -> Self {
        self.id = self.id.or(item.id.as_deref());
        self.viewable.extend(TrackedUrl::list(&item.viewable, hop));
        self.not_viewable.extend(TrackedUrl::list(&item.not_viewable, hop));
        self.view_undetermined.extend(TrackedUrl::list(&item.view_undetermined, hop));
        self
    }
}
