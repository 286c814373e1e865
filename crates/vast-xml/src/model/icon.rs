//! `Icon` (VAST 4.3, section 3.11).

use super::{Click, Extra, Offset, Place, Resource};
use crate::text::Text;
use std::time::Duration;

/// An icon that is shown over a linear ad, such as the privacy icon of an industry program.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Icon {
    /// `@program`: the industry program of the icon. If several levels of a chain have an icon of the same program,
    /// only that of the level nearest to the ad is shown.
    pub program: Option<Text>,
    /// `@width` in pixels.
    pub width: Option<u32>,
    /// `@height` in pixels.
    pub height: Option<u32>,
    /// `@xPosition`: pixels from the left, `left` or `right`.
    pub x_position: Option<Text>,
    /// `@yPosition`: pixels from the top, `top` or `bottom`.
    pub y_position: Option<Text>,
    /// `@duration`: the time for which the icon is shown. If absent, it is shown until the end of the ad.
    pub duration: Option<Duration>,
    /// `@offset`: the time from which the icon is shown. If absent, it is shown from the start of the ad.
    pub offset: Option<Offset>,
    /// `@apiFramework`.
    pub api_framework: Option<Text>,
    /// `@pxratio` (4.0). See [`Icon::px_ratio`].
    pub px_ratio: Option<f64>,
    /// `@altText` (4.2).
    pub alt_text: Option<Text>,
    /// `@hoverText` (4.2).
    pub hover_text: Option<Text>,
    /// The ways to show the icon.
    pub resources: Vec<Resource>,
    /// `IconClicks/IconClickThrough` (3.11.1.1).
    pub click_through: Option<Click>,
    /// `IconClicks/IconClickTracking` (3.11.1.2).
    pub click_tracking: Vec<Click>,
    /// `IconClicks/IconClickFallbackImages` (3.11.1.3, since 4.2): images that are shown after a click on devices
    /// without a browser.
    pub fallback_images: Vec<FallbackImage>,
    /// `IconViewTracking` (3.11.2): called when the icon is shown.
    pub view_tracking: Vec<Text>,
    /// Whether the icon is in its own element or in an extension.
    pub place: Place,
    /// Unknown parts.
    pub extra: Extra,
}

impl Icon {
    /// `@pxratio`: the number of pixels of the image for one pixel of the screen. Default 1.
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
