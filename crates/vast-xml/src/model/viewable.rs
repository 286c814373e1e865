//! `ViewableImpression` (VAST 4.3, section 3.5).

use super::Extra;
use crate::Text;

/// URLs of which exactly one group is called, by whoever decides about viewability.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewableImpression {
    /// `@id`.
    pub id: Option<Text>,
    /// `Viewable`: the ad could be seen.
    pub viewable: Vec<Text>,
    /// `NotViewable`: it could not.
    pub not_viewable: Vec<Text>,
    /// `ViewUndetermined`: nobody knows.
    pub view_undetermined: Vec<Text>,
    /// Unknown parts.
    pub extra: Extra,
}
