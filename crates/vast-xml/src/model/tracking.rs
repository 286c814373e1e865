//! Trackers: `Tracking` (VAST 4.3, section 3.14), clicks and `ViewableImpression` (section 3.5).

use super::{Event, Extra, Offset};
use crate::text::Text;

/// A URL that is called at an event of a creative.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tracking {
    /// `@event`: the event at which the URL is called.
    pub event: Event,
    /// `@offset` (since 3.0): the offset in the ad at which the URL is called, for [`Event::Progress`].
    pub offset: Option<Offset>,
    /// The URL. Macros in it are not replaced.
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

/// Whether a tracker's URL is the placeholder `about:blank`, which is never called (VAST 4.3, section 3.4.4). Documents
/// have it where the standard requires a URL and the server has none.
pub fn is_placeholder(url: &str) -> bool {
    url.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("about:blank"))
}

/// A click tracker or a landing page, with an id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Click {
    /// The URL. Macros in it are not replaced.
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

/// Viewability trackers. The host decides about viewability, and only one of the three groups is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ViewableImpression {
    /// `@id`.
    pub id: Option<Text>,
    /// `Viewable`: called if the ad was viewable.
    pub viewable: Vec<Text>,
    /// `NotViewable`: called if the ad was not viewable.
    pub not_viewable: Vec<Text>,
    /// `ViewUndetermined`: called if the viewability could not be determined.
    pub view_undetermined: Vec<Text>,
    /// Unknown parts.
    pub extra: Extra,
}
