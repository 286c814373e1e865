//! `Icon` (VAST 4.3, section 3.11).

use super::{Click, Extra, Offset, Place, Resource};
use crate::Text;
use std::time::Duration;

/// A picture to be shown over a linear ad, such as an industry program's privacy icon.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Icon {
    /// `@program`: of several icons of one program only the one nearest to the ad is shown.
    pub program: Option<Text>,
    /// `@width` in pixels.
    pub width: Option<u32>,
    /// `@height` in pixels.
    pub height: Option<u32>,
    /// `@xPosition`: pixels from the left, `left` or `right`.
    pub x_position: Option<Text>,
    /// `@yPosition`: pixels from the top, `top` or `bottom`.
    pub y_position: Option<Text>,
    /// `@duration`: how long it is shown; absent means to the end.
    pub duration: Option<Duration>,
    /// `@offset`: when it is shown; absent means from the start.
    pub offset: Option<Offset>,
    /// `@apiFramework`.
    pub api_framework: Option<Text>,
    /// `@pxratio` (4.0). See [`Icon::px_ratio`].
    pub px_ratio: Option<f64>,
    /// `@altText` (4.2).
    pub alt_text: Option<Text>,
    /// `@hoverText` (4.2).
    pub hover_text: Option<Text>,
    /// The ways to show it.
    pub resources: Vec<Resource>,
    /// `IconClicks/IconClickThrough` (3.11.1.1).
    pub click_through: Option<Click>,
    /// `IconClicks/IconClickTracking` (3.11.1.2).
    pub click_tracking: Vec<Click>,
    /// `IconClicks/IconClickFallbackImages` (3.11.1.3, since 4.2): shown for a click where no browser can open.
    pub fallback_images: Vec<FallbackImage>,
    /// `IconViewTracking` (3.11.2): called when the icon is shown.
    pub view_tracking: Vec<Text>,
    /// Where the document has it.
    pub place: Place,
    /// Unknown parts.
    pub extra: Extra,
}

impl Icon {
    /// `@pxratio`: pixels of the picture for one pixel of the screen, 1 by default.
    pub fn px_ratio(&self) -> f64 {
        self.px_ratio.unwrap_or(1.0)
    }
}

/// `IconClickFallbackImage` (3.11.1.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FallbackImage {
    /// `@width` in pixels.
    pub width: Option<u32>,
    /// `@height` in pixels.
    pub height: Option<u32>,
    /// `AltText`.
    pub alt_text: Option<Text>,
    /// `StaticResource`.
    pub resources: Vec<Resource>,
    /// Unknown parts.
    pub extra: Extra,
}
