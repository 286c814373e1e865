//! The files beside the media files: interactive programs, mezzanine files, captions.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::model;

/// A program that runs beside the media file (VAST 4.3 section 3.9.3).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct InteractiveFile<'a> {
    /// The URL of the program; may be a `data:` URL.
    pub url: &'a str,
    /// The MIME type.
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<&'a str>,
    /// The API that the program needs, such as `SIMID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_framework: Option<&'a str>,
    /// Whether the program may extend the duration of the ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable_duration: Option<bool>,
}

impl<'a> From<&'a model::InteractiveCreativeFile> for InteractiveFile<'a> {
    fn from(file: &'a model::InteractiveCreativeFile) -> Self {
        Self {
            url: &file.url,
            mime_type: file.mime_type.as_deref(),
            api_framework: file.api_framework.as_deref(),
            variable_duration: file.variable_duration,
        }
    }
}

/// A mezzanine file: a source file of high quality for transcoding. It must not be played (VAST 4.3 section 3.9.2).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Mezzanine<'a> {
    /// The URL of the file.
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
    /// The codec.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codec: Option<&'a str>,
    /// The size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_size: Option<u64>,
    /// `2D`, `3D`, `360` or another text. Absent means 2D.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<&'a str>,
}

impl<'a> From<&'a model::Mezzanine> for Mezzanine<'a> {
    fn from(file: &'a model::Mezzanine) -> Self {
        Self {
            url: &file.url,
            id: file.id.as_deref(),
            mime_type: file.mime_type.as_deref(),
            delivery: file.delivery.as_ref().map(model::Delivery::as_str),
            width: file.width,
            height: file.height,
            codec: file.codec.as_deref(),
            file_size: file.file_size,
            media_type: file.media_type.as_deref(),
        }
    }
}

/// A file with captions (VAST 4.3 section 3.9.5).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ClosedCaptionFile<'a> {
    /// The URL of the file.
    pub url: &'a str,
    /// The MIME type.
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<&'a str>,
    /// The language as an ISO 639-1 code; a region may follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<&'a str>,
}

impl<'a> From<&'a model::ClosedCaptionFile> for ClosedCaptionFile<'a> {
    fn from(file: &'a model::ClosedCaptionFile) -> Self {
        Self { url: &file.url, mime_type: file.mime_type.as_deref(), language: file.language.as_deref() }
    }
}
