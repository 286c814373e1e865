//! Media files.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::model;

use crate::select;

/// A media file.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct MediaFile<'a> {
    /// The URL of the file. It is absolute in the answer to a request.
    pub url: &'a str,
    /// `id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// The MIME type.
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<&'a str>,
    /// `progressive`, `streaming`, or another text of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<&'a str>,
    /// The width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The bitrate in kbit/s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bitrate: Option<u32>,
    /// The lowest bitrate of an adaptive file, in kbit/s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_bitrate: Option<u32>,
    /// The highest bitrate of an adaptive file, in kbit/s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bitrate: Option<u32>,
    /// The codec, usually in the notation of RFC 4281.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codec: Option<&'a str>,
    /// The API that the player needs for the file, such as `VPAID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_framework: Option<&'a str>,
    /// The size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_size: Option<u64>,
    /// `2D`, `3D`, `360` or another text. Absent means 2D.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<&'a str>,
    /// Whether the media may be shown in another size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scalable: Option<bool>,
    /// Whether the media keeps its aspect ratio when it is scaled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintain_aspect_ratio: Option<bool>,
}

impl<'a> From<&'a model::MediaFile> for MediaFile<'a> {
    fn from(file: &'a model::MediaFile) -> Self {
        Self {
            url: &file.url,
            id: file.id.as_deref(),
            mime_type: file.mime_type.as_deref(),
            delivery: file.delivery.as_ref().map(model::Delivery::as_str),
            width: file.width,
            height: file.height,
            bitrate: file.bitrate,
            min_bitrate: file.min_bitrate,
            max_bitrate: file.max_bitrate,
            codec: file.codec.as_deref(),
            api_framework: file.api_framework.as_deref(),
            file_size: file.file_size,
            media_type: file.media_type.as_deref(),
            scalable: file.scalable,
            maintain_aspect_ratio: file.maintain_aspect_ratio,
        }
    }
}

/// A file of an ad and its place in the ranking.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct MediaRanking<'a> {
    /// The URL.
    pub url: &'a str,
    /// The position, from 1; absent when the file cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<usize>,
    /// The reason for the position, or why the file cannot be used.
    pub reason: String,
}

impl<'a> From<select::MediaRank<'a>> for MediaRanking<'a> {
    fn from(rank: select::MediaRank<'a>) -> Self {
        Self { url: rank.url, rank: rank.rank, reason: rank.reason }
    }
}
