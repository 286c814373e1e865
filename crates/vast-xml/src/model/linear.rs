//! `Linear` (VAST 4.3, sections 3.8 and 3.10).

use super::{
    AdParameters, Click, ClosedCaptionFile, Extra, Icon, InteractiveCreativeFile, MediaFile, Mezzanine, Offset,
    Tracking,
};
use std::time::Duration;

/// An ad that plays instead of the content. `InLine` and `Wrapper` use the same type; in a `Wrapper` it has only
/// trackers, clicks and icons.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Linear {
    /// `@skipoffset` (since 3.0): the time from which the viewer can skip the ad. If absent, the ad cannot be skipped.
    pub skip_offset: Option<Offset>,
    /// `Duration` (3.8.1).
    pub duration: Option<Duration>,
    /// `AdParameters` (3.8.2).
    pub ad_parameters: Option<AdParameters>,
    /// `MediaFile` (3.9.1) in document order. The order has no meaning.
    pub media_files: Vec<MediaFile>,
    /// `Mezzanine` (3.9.2, since 4.0): a source file for transcoding, which players do not play.
    pub mezzanines: Vec<Mezzanine>,
    /// `InteractiveCreativeFile` (3.9.3, since 4.0).
    pub interactive_creative_files: Vec<InteractiveCreativeFile>,
    /// `ClosedCaptionFile` (3.9.5, since 4.1).
    pub closed_caption_files: Vec<ClosedCaptionFile>,
    /// `ClickThrough` (3.10.1): the landing page. The standard allows it in wrappers since 4.2; older wrappers may have
    /// it too.
    pub click_through: Option<Click>,
    /// `ClickTracking` (3.10.2).
    pub click_tracking: Vec<Click>,
    /// `CustomClick` (3.10.3): called for clicks that do not open the landing page.
    pub custom_clicks: Vec<Click>,
    /// `TrackingEvents` (3.14).
    pub tracking_events: Vec<Tracking>,
    /// `Icons` (3.11, since 3.0).
    pub icons: Vec<Icon>,
    /// Unknown parts.
    pub extra: Extra,
}
