//! URLs that are called: `Tracking` (VAST 4.3, section 3.14), clicks, `ViewableImpression` (section 3.5).

use super::{Event, Extra, Offset};
use crate::Text;

/// A URL to call when something happens to a creative.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tracking {
    /// `@event`: what has to happen.
    pub event: Event,
    /// `@offset` (since 3.0): for [`Event::Progress`], when.
    pub offset: Option<Offset>,
    /// The URL, macros unexpanded.
    pub url: Text,
    /// Unknown parts.
    pub extra: Extra,
}

impl Tracking {
    /// A tracker without offset.
    pub fn new(event: Event, url: impl Into<Text>) -> Tracking {
        Tracking { event, offset: None, url: url.into(), extra: Extra::default() }
    }
}

/// Whether a tracker's URL is `about:blank`, which only fills a required place and is never called (VAST 4.3,
/// section 3.4.4).
pub fn is_placeholder(url: &str) -> bool {
    url.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("about:blank"))
}

/// A URL with the name of whoever it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Click {
    /// The URL, macros unexpanded.
    pub url: Text,
    /// `@id`.
    pub id: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}

impl Click {
    /// A click with this URL.
    pub fn new(url: impl Into<Text>) -> Click {
        Click { url: url.into(), ..Click::default() }
    }
}

/// URLs of which exactly one group is called, by whoever decides about viewability.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
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
