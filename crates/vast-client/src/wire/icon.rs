//! Icons.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::model;

use super::milliseconds;
use super::resource::Resource;
use super::tracker::TrackedUrl;
use crate::ad::Inherited;

/// An icon: a picture over a linear ad, such as a privacy icon (VAST 4.3 section 3.11).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Icon<'a> {
    /// The document that contains it. 0 is the source's own document.
    pub hop: u32,
    /// The industry program that the icon belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<&'a str>,
    /// The width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The distance from the left in pixels, or `left` or `right`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_position: Option<&'a str>,
    /// The distance from the top in pixels, or `top` or `bottom`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y_position: Option<&'a str>,
    /// The time for which the icon is shown. Absent means until the end of the ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// The time from which the icon is shown, as `HH:MM:SS` or `n%`. Absent means from the start of the ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<String>,
    /// The API that the icon needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_framework: Option<&'a str>,
    /// Device pixels per pixel of the size: the pixel density that the pictures are made for. Absent means 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub px_ratio: Option<f64>,
    /// A text to show when the icon cannot be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<&'a str>,
    /// A text to show when a pointer rests on the icon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hover_text: Option<&'a str>,
    /// The resources: alternatives for showing it.
    pub resources: Vec<Resource<'a>>,
    /// The page to open on a click.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click_through: Option<TrackedUrl<'a>>,
    /// Trackers to call when the icon is clicked.
    pub click_tracking: Vec<TrackedUrl<'a>>,
    /// Pictures to show for a click on devices that cannot open a browser.
    pub fallback_images: Vec<FallbackImage<'a>>,
    /// Trackers to call when the icon is shown.
    pub view_tracking: Vec<TrackedUrl<'a>>,
}

impl<'a> From<Inherited<'a, model::Icon>> for Icon<'a> {
    fn from(Inherited { hop, item: icon }: Inherited<'a, model::Icon>) -> Self {
        Self {
            hop,
            program: icon.program.as_deref(),
            width: icon.width,
            height: icon.height,
            x_position: icon.x_position.as_deref(),
            y_position: icon.y_position.as_deref(),
            duration_ms: icon.duration.map(milliseconds::whole),
            offset: icon.offset.map(|offset| offset.to_string()),
            api_framework: icon.api_framework.as_deref(),
            px_ratio: icon.px_ratio,
            alt_text: icon.alt_text.as_deref(),
            hover_text: icon.hover_text.as_deref(),
            resources: Resource::list(&icon.resources),
            click_through: TrackedUrl::click(icon.click_through.as_ref(), hop),
            click_tracking: TrackedUrl::clicks(&icon.click_tracking, hop),
            fallback_images: icon.fallback_images.iter().map(FallbackImage::from).collect(),
            view_tracking: TrackedUrl::list(&icon.view_tracking, hop),
        }
    }
}

/// A picture shown for a click on an icon (VAST 4.3 section 3.11.1.4).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FallbackImage<'a> {
    /// The width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// A text to show when the picture cannot be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<&'a str>,
    /// The resources of the picture.
    pub resources: Vec<Resource<'a>>,
}

impl<'a> From<&'a model::FallbackImage> for FallbackImage<'a> {
    fn from(image: &'a model::FallbackImage) -> Self {
        Self {
            width: image.width,
            height: image.height,
            alt_text: image.alt_text.as_deref(),
            resources: Resource::list(&image.resources),
        }
    }
}
