//! `CompanionAds` (VAST 4.3, section 3.13).

use super::{AdParameters, Click, Extension, Extra, Resource, Tracking, words};
use crate::text::Text;

/// Ads that are shown beside the player, or after the video as an end card.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CompanionAds {
    /// `@required` (since 3.0).
    pub required: Option<Required>,
    /// `Companion`.
    pub companions: Vec<Companion>,
    /// Unknown parts.
    pub extra: Extra,
}

words! {
    /// `CompanionAds@required`: how many of the companions must be shown.
    Required {
        /// `all`: if one companion cannot be shown, the ad must not be shown either.
        All = "all",
        /// `any`: at least one.
        Any = "any",
        /// `none`: the ad may be shown without companions.
        None = "none",
    }
}

/// `Companion` (3.13.1).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Companion {
    /// `@id`.
    pub id: Option<Text>,
    /// `@width` of the slot in pixels.
    pub width: Option<u32>,
    /// `@height` of the slot in pixels.
    pub height: Option<u32>,
    /// `@assetWidth` (3.0) in pixels.
    pub asset_width: Option<u32>,
    /// `@assetHeight` (3.0) in pixels.
    pub asset_height: Option<u32>,
    /// `@expandedWidth` in pixels.
    pub expanded_width: Option<u32>,
    /// `@expandedHeight` in pixels.
    pub expanded_height: Option<u32>,
    /// `@apiFramework`.
    pub api_framework: Option<Text>,
    /// `@adSlotId` (3.0): the slot of the page in which the companion is shown.
    pub ad_slot_id: Option<Text>,
    /// `@pxratio` (4.0). See [`Companion::px_ratio`].
    pub px_ratio: Option<f64>,
    /// `@renderingMode` (4.1). Absent or empty means the default.
    pub rendering_mode: Option<RenderingMode>,
    /// The ways to show the companion. In a wrapper, a companion without resources only adds trackers.
    pub resources: Vec<Resource>,
    /// `AdParameters`.
    pub ad_parameters: Option<AdParameters>,
    /// `AltText` (3.13.2).
    pub alt_text: Option<Text>,
    /// `CompanionClickThrough` (3.13.3).
    pub click_through: Option<Click>,
    /// `CompanionClickTracking` (3.13.4, since 3.0).
    pub click_tracking: Vec<Click>,
    /// `CreativeExtensions`.
    pub creative_extensions: Vec<Extension>,
    /// `TrackingEvents`. Only the event `creativeView` has a meaning for companions.
    pub tracking_events: Vec<Tracking>,
    /// Unknown parts.
    pub extra: Extra,
}

impl Companion {
    /// `@pxratio`: the number of pixels of the image for one pixel of the screen. Default 1.
    pub fn px_ratio(&self) -> f64 {
        self.px_ratio.unwrap_or(1.0)
    }
}

words! {
    /// `Companion@renderingMode` (4.1).
    RenderingMode: Default {
        /// `default`, also when the attribute is empty: the publisher decides.
        #[default]
        Default = "default",
        /// `end-card`: after the video.
        EndCard = "end-card",
        /// `concurrent`: with the video.
        Concurrent = "concurrent",
    }
}
