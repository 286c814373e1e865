//! Companions.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::model;

use super::extension::Extension;
use super::resource::Resource;
use super::tracker::{TrackedUrl, TrackingEvents};
use crate::ad::{Inherited, MergedCompanion};

/// An ad beside the player, or after the ad as an end card (VAST 4.3 section 3.13).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Companion<'a> {
    /// The document that contains it. 0 is the source's own document.
    pub hop: u32,
    /// `id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// The width of the slot in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height of the slot in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The width of the picture in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_width: Option<u32>,
    /// The height of the picture in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_height: Option<u32>,
    /// The width in pixels when expanded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expanded_width: Option<u32>,
    /// The height in pixels when expanded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expanded_height: Option<u32>,
    /// The API that the companion needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_framework: Option<&'a str>,
    /// The name of the slot on the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_slot_id: Option<&'a str>,
    /// Device pixels per pixel of the size: the pixel density that the pictures are made for. Absent means 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub px_ratio: Option<f64>,
    /// `default`, `end-card`, `concurrent`, or another text of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rendering_mode: Option<&'a str>,
    /// The resources: alternatives for showing it.
    pub resources: Vec<Resource<'a>>,
    /// Data for the companion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_parameters: Option<&'a str>,
    /// A text to show when the companion cannot be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<&'a str>,
    /// The page to open on a click.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click_through: Option<TrackedUrl<'a>>,
    /// Trackers to call when the companion is clicked.
    pub click_tracking: Vec<TrackedUrl<'a>>,
    /// Trackers by event. For companions VAST defines `creativeView` only.
    pub tracking_events: TrackingEvents<'a>,
    /// Extensions.
    pub extensions: Vec<Extension<'a>>,
}

impl<'a> From<Inherited<'a, model::Companion>> for Companion<'a> {
    fn from(Inherited { hop, item: companion }: Inherited<'a, model::Companion>) -> Self {
        Self {
            hop,
            id: companion.id.as_deref(),
            width: companion.width,
            height: companion.height,
            asset_width: companion.asset_width,
            asset_height: companion.asset_height,
            expanded_width: companion.expanded_width,
            expanded_height: companion.expanded_height,
            api_framework: companion.api_framework.as_deref(),
            ad_slot_id: companion.ad_slot_id.as_deref(),
            px_ratio: companion.px_ratio,
            rendering_mode: companion.rendering_mode.as_ref().map(rendering_mode),
            resources: Resource::list(&companion.resources),
            ad_parameters: companion.ad_parameters.as_ref().map(|parameters| &*parameters.value),
            alt_text: companion.alt_text.as_deref(),
            click_through: TrackedUrl::click(companion.click_through.as_ref(), hop),
            click_tracking: TrackedUrl::clicks(&companion.click_tracking, hop),
            tracking_events: TrackingEvents::own(&companion.tracking_events, hop),
            extensions: Extension::list(&companion.creative_extensions, hop),
        }
    }
}

impl<'a> From<&MergedCompanion<'a>> for Companion<'a> {
    fn from(merged: &MergedCompanion<'a>) -> Self {
        Self {
            tracking_events: merged.tracking().collect(),
            click_tracking: merged.click_tracking().map(TrackedUrl::from).collect(),
            ..Self::from(merged.companion)
        }
    }
}

fn rendering_mode(mode: &model::RenderingMode) -> &str {
    match mode {
        model::RenderingMode::EndCard => "end-card",
        model::RenderingMode::Concurrent => "concurrent",
        model::RenderingMode::Other(other) => other,
        _ => "default",
    }
}

/// The value of `CompanionAds@required`.
pub(super) fn required(required: &model::Required) -> &str {
    match required {
        model::Required::All => "all",
        model::Required::Any => "any",
        model::Required::Other(other) => other,
        _ => "none",
    }
}
