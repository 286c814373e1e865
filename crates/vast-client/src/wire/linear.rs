//! Linear ads.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::model;

use super::icon::Icon;
use super::interactive::{ClosedCaptionFile, InteractiveFile, Mezzanine};
use super::media::{MediaFile, MediaRanking};
use super::milliseconds;
use super::tracker::{TrackedUrl, TrackingEvents};
use crate::ad::{Inherited, ResolvedAd};

/// A linear ad, which plays in place of the content (VAST 4.3 section 3.8), with the parts that it inherits from the
/// wrappers above it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Linear<'a> {
    /// The duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// The time from which the viewer may skip the ad, as `HH:MM:SS` or `n%`. Absent means never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_offset: Option<String>,
    /// The media files in document order. The order has no meaning.
    pub media_files: Vec<MediaFile<'a>>,
    /// The interactive files and media files in the order in which a player should try them, followed by those that it
    /// cannot use. Only the creative that was chosen in the answer to a request has this list; all others have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_ranking: Option<Vec<MediaRanking<'a>>>,
    /// Programs to run beside the media file.
    pub interactive_files: Vec<InteractiveFile<'a>>,
    /// Mezzanine files, for a transcoder.
    pub mezzanines: Vec<Mezzanine<'a>>,
    /// Files with captions.
    pub closed_captions: Vec<ClosedCaptionFile<'a>>,
    /// Data for the creative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_parameters: Option<&'a str>,
    /// Trackers by event. Those of the outermost wrapper come first.
    pub tracking_events: TrackingEvents<'a>,
    /// The page to open on a click.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click_through: Option<TrackedUrl<'a>>,
    /// Trackers to call when the ad is clicked.
    pub click_tracking: Vec<TrackedUrl<'a>>,
    /// Trackers to call on other interactions.
    pub custom_clicks: Vec<TrackedUrl<'a>>,
    /// Icons to show over the ad. Of several icons of one program, only the one nearest to the ad is listed (VAST 4.3
    /// section 3.11).
    pub icons: Vec<Icon<'a>>,
}

impl<'a> Linear<'a> {
    /// The linear ad of a single document, without wrappers.
    pub(super) fn own(linear: &'a model::Linear) -> Self {
        Self {
            tracking_events: TrackingEvents::own(&linear.tracking_events, 0),
            click_through: TrackedUrl::click(linear.click_through.as_ref(), 0),
            click_tracking: TrackedUrl::clicks(&linear.click_tracking, 0),
            custom_clicks: TrackedUrl::clicks(&linear.custom_clicks, 0),
            icons: linear.icons.iter().map(|item| Inherited { hop: 0, item }.into()).collect(),
            ..Self::without_inheritance(linear)
        }
    }

    /// The linear ad in creative number `creative` of a resolved ad.
    pub(super) fn resolved(linear: &'a model::Linear, ad: &'a ResolvedAd, creative: usize) -> Self {
        Self {
            tracking_events: ad.tracking(creative).collect(),
            click_through: ad.click_through(creative).map(TrackedUrl::from),
            click_tracking: ad.click_tracking(creative).map(TrackedUrl::from).collect(),
            custom_clicks: ad.custom_clicks(creative).map(TrackedUrl::from).collect(),
            icons: ad.icons(creative).into_iter().map(Icon::from).collect(),
            ..Self::without_inheritance(linear)
        }
    }

    fn without_inheritance(linear: &'a model::Linear) -> Self {
        Self {
            duration_ms: linear.duration.map(milliseconds::whole),
            skip_offset: linear.skip_offset.map(|offset| offset.to_string()),
            media_files: linear.media_files.iter().map(MediaFile::from).collect(),
            media_ranking: None,
            interactive_files: linear.interactive_creative_files.iter().map(InteractiveFile::from).collect(),
            mezzanines: linear.mezzanines.iter().map(Mezzanine::from).collect(),
            closed_captions: linear.closed_caption_files.iter().map(ClosedCaptionFile::from).collect(),
            ad_parameters: linear.ad_parameters.as_ref().map(|parameters| &*parameters.value),
            tracking_events: TrackingEvents::default(),
            click_through: None,
            click_tracking: Vec::new(),
            custom_clicks: Vec::new(),
            icons: Vec::new(),
        }
    }
}
