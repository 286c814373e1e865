//! `Linear` (VAST 4.3, sections 3.8 and 3.10).

use super::{
    AdParameters, Click, ClosedCaptionFile, Extra, Icon, InteractiveCreativeFile, MediaFile, Mezzanine, Offset,
    Tracking,
};
use std::time::Duration;

/// An ad that plays in place of the content. The same type in `InLine` and in `Wrapper`, where it has trackers, clicks
/// and icons only.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Linear {
    /// `@skipoffset` (since 3.0): presence makes the ad skippable, from then on.
    pub skip_offset: Option<Offset>,
    /// `Duration` (3.8.1).
    pub duration: Option<Duration>,
    /// `AdParameters` (3.8.2).
    pub ad_parameters: Option<AdParameters>,
    /// `MediaFile` (3.9.1) in document order, which means nothing.
    pub media_files: Vec<MediaFile>,
    /// `Mezzanine` (3.9.2, since 4.0): raw material for transcoding, never to be played.
    pub mezzanines: Vec<Mezzanine>,
    /// `InteractiveCreativeFile` (3.9.3, since 4.0).
    pub interactive_creative_files: Vec<InteractiveCreativeFile>,
    /// `ClosedCaptionFile` (3.9.4, since 4.1).
    pub closed_caption_files: Vec<ClosedCaptionFile>,
    /// `ClickThrough` (3.10.1): the landing page. Legal in wrappers since 4.2, found in older ones too.
    pub click_through: Option<Click>,
    /// `ClickTracking` (3.10.2).
    pub click_tracking: Vec<Click>,
    /// `CustomClick` (3.10.3): not called for a click on the ad.
    pub custom_clicks: Vec<Click>,
    /// `TrackingEvents` (3.14).
    pub tracking_events: Vec<Tracking>,
    /// `Icons` (3.11, since 3.0).
    pub icons: Vec<Icon>,
    /// Unknown parts.
    pub extra: Extra,
}
