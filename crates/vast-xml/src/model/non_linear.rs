//! `NonLinearAds` (VAST 4.3, section 3.12).

use super::{AdParameters, Click, Extra, Icon, InteractiveCreativeFile, MediaFile, Resource, Tracking};
use crate::text::Text;
use std::time::Duration;

/// Ads that are shown over the content.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct NonLinearAds {
    /// `NonLinear`: alternatives, of which the player shows one.
    pub non_linears: Vec<NonLinear>,
    /// `TrackingEvents` for the non-linear ad that is shown.
    pub tracking_events: Vec<Tracking>,
    /// `Icons` (4.4).
    pub icons: Vec<Icon>,
    /// Unknown parts.
    pub extra: Extra,
}

/// `NonLinear` (3.12.1).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct NonLinear {
    /// `@id`.
    pub id: Option<Text>,
    /// `@width` in pixels.
    pub width: Option<u32>,
    /// `@height` in pixels.
    pub height: Option<u32>,
    /// `@expandedWidth` in pixels.
    pub expanded_width: Option<u32>,
    /// `@expandedHeight` in pixels.
    pub expanded_height: Option<u32>,
    /// `@scalable`.
    pub scalable: Option<bool>,
    /// `@maintainAspectRatio`.
    pub maintain_aspect_ratio: Option<bool>,
    /// `@minSuggestedDuration`.
    pub min_suggested_duration: Option<Duration>,
    /// `@apiFramework`.
    pub api_framework: Option<Text>,
    /// The ways to show the non-linear ad.
    pub resources: Vec<Resource>,
    /// `AdParameters`.
    pub ad_parameters: Option<AdParameters>,
    /// `NonLinearClickThrough` (3.12.2).
    pub click_through: Option<Click>,
    /// `NonLinearClickTracking` (3.12.3, since 3.0).
    pub click_tracking: Vec<Click>,
    /// `NonLinearCustomClick` (4.4).
    pub custom_clicks: Vec<Click>,
    /// `Duration` (4.4).
    pub duration: Option<Duration>,
    /// `MediaFiles/MediaFile` (4.4).
    pub media_files: Vec<MediaFile>,
    /// `MediaFiles/InteractiveCreativeFile` (4.4).
    pub interactive_creative_files: Vec<InteractiveCreativeFile>,
    /// `TrackingEvents`. The standard has them in `NonLinearAds`, but some servers write them here.
    pub tracking_events: Vec<Tracking>,
    /// Unknown parts.
    pub extra: Extra,
}
