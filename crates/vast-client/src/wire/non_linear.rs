//! Nonlinear ads.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::model;

use super::interactive::InteractiveFile;
use super::media::MediaFile;
use super::milliseconds;
use super::resource::Resource;
use super::tracker::{TrackedUrl, TrackingEvents};
use crate::ad::{Inherited, ResolvedAd};

/// A nonlinear ad, which is shown over the content (VAST 4.3 section 3.12).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct NonLinear<'a> {
    /// The document that contains it. 0 is the source's own document.
    pub hop: u32,
    /// `id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// The width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The width in pixels when expanded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expanded_width: Option<u32>,
    /// The height in pixels when expanded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expanded_height: Option<u32>,
    /// Whether the ad may be shown in another size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scalable: Option<bool>,
    /// Whether the ad keeps its aspect ratio when it is scaled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintain_aspect_ratio: Option<bool>,
    /// The shortest time for which the ad should be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_suggested_duration_ms: Option<u64>,
    /// The duration (VAST 4.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// The API that the ad needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_framework: Option<&'a str>,
    /// The resources: alternatives for showing it.
    pub resources: Vec<Resource<'a>>,
    /// The media files (VAST 4.4).
    pub media_files: Vec<MediaFile<'a>>,
    /// The interactive programs (VAST 4.4).
    pub interactive_files: Vec<InteractiveFile<'a>>,
    /// Data for the ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_parameters: Option<&'a str>,
    /// The page to open on a click.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click_through: Option<TrackedUrl<'a>>,
    /// Trackers to call when the ad is clicked.
    pub click_tracking: Vec<TrackedUrl<'a>>,
    /// Trackers to call on other interactions.
    pub custom_clicks: Vec<TrackedUrl<'a>>,
    /// Trackers by event that the document has in this ad and not in the creative.
    pub tracking_events: TrackingEvents<'a>,
}

impl<'a> From<Inherited<'a, model::NonLinear>> for NonLinear<'a> {
    fn from(Inherited { hop, item: ad }: Inherited<'a, model::NonLinear>) -> Self {
        Self {
            hop,
            id: ad.id.as_deref(),
            width: ad.width,
            height: ad.height,
            expanded_width: ad.expanded_width,
            expanded_height: ad.expanded_height,
            scalable: ad.scalable,
            maintain_aspect_ratio: ad.maintain_aspect_ratio,
            min_suggested_duration_ms: ad.min_suggested_duration.map(milliseconds::whole),
            duration_ms: ad.duration.map(milliseconds::whole),
            api_framework: ad.api_framework.as_deref(),
            resources: Resource::list(&ad.resources),
            media_files: ad.media_files.iter().map(MediaFile::from).collect(),
            interactive_files: ad.interactive_creative_files.iter().map(InteractiveFile::from).collect(),
            ad_parameters: ad.ad_parameters.as_ref().map(|parameters| &*parameters.value),
            click_through: TrackedUrl::click(ad.click_through.as_ref(), hop),
            click_tracking: TrackedUrl::clicks(&ad.click_tracking, hop),
            custom_clicks: TrackedUrl::clicks(&ad.custom_clicks, hop),
            tracking_events: TrackingEvents::own(&ad.tracking_events, hop),
        }
    }
}

impl<'a> NonLinear<'a> {
    /// The nonlinear ad number `place` in creative number `creative` of a resolved ad.
    pub(super) fn resolved(item: &'a model::NonLinear, ad: &'a ResolvedAd, creative: usize, place: usize) -> Self {
        Self {
            click_tracking: ad.non_linear_click_tracking(creative, place).map(TrackedUrl::from).collect(),
            custom_clicks: ad.non_linear_custom_clicks(creative, place).map(TrackedUrl::from).collect(),
            ..Self::from(Inherited { hop: ad.hop(), item })
        }
    }
}
