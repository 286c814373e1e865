//! `MediaFiles` (VAST 4.3, section 3.9).

use super::{Extra, Place, words};
use crate::Text;

/// `MediaFile` (3.9.1): a file that can be played, unless its `api_framework` says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaFile {
    /// Where it is. Macros in it are not for us to expand.
    pub url: Text,
    /// `@id`.
    pub id: Option<Text>,
    /// `@delivery`.
    pub delivery: Option<Delivery>,
    /// `@type`: the MIME type.
    pub mime_type: Option<Text>,
    /// `@width` in pixels; 0 for audio.
    pub width: Option<u32>,
    /// `@height` in pixels; 0 for audio.
    pub height: Option<u32>,
    /// `@codec` (3.0), by RFC 4281, often looser.
    pub codec: Option<Text>,
    /// `@bitrate` in kbit/s; 0 in the document counts as absent.
    pub bitrate: Option<u32>,
    /// `@minBitrate` (3.0) in kbit/s.
    pub min_bitrate: Option<u32>,
    /// `@maxBitrate` (3.0) in kbit/s.
    pub max_bitrate: Option<u32>,
    /// `@scalable`.
    pub scalable: Option<bool>,
    /// `@maintainAspectRatio`.
    pub maintain_aspect_ratio: Option<bool>,
    /// `@apiFramework` (2.0, deprecated 4.1): the file is not a plain video but a program for this interface.
    pub api_framework: Option<Text>,
    /// `@fileSize` (4.1) in bytes.
    pub file_size: Option<u64>,
    /// `@mediaType` (4.1). See [`MediaFile::media_type`].
    pub media_type: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}

impl MediaFile {
    /// `@mediaType`, `2D` by default.
    pub fn media_type(&self) -> &str {
        self.media_type.as_deref().unwrap_or("2D")
    }
}

words! {
    /// `@delivery` of a media file.
    Delivery {
        /// `progressive`: one file by HTTP.
        Progressive = "progressive",
        /// `streaming`: a manifest or a streaming protocol.
        Streaming = "streaming",
    }
}

/// `Mezzanine` (3.9.2): the raw material for a stitcher's transcoder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mezzanine {
    /// Where it is.
    pub url: Text,
    /// `@id`.
    pub id: Option<Text>,
    /// `@delivery`.
    pub delivery: Option<Delivery>,
    /// `@type`: the MIME type.
    pub mime_type: Option<Text>,
    /// `@width` in pixels.
    pub width: Option<u32>,
    /// `@height` in pixels.
    pub height: Option<u32>,
    /// `@codec`.
    pub codec: Option<Text>,
    /// `@fileSize` in bytes.
    pub file_size: Option<u64>,
    /// `@mediaType`, 2D by default.
    pub media_type: Option<Text>,
    /// Where the document has it.
    pub place: Place,
    /// Unknown parts.
    pub extra: Extra,
}

/// `InteractiveCreativeFile` (3.9.3): a program to run beside the media file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InteractiveCreativeFile {
    /// Where it is; `data:` URLs are allowed since 4.3.
    pub url: Text,
    /// `@type`: the MIME type.
    pub mime_type: Option<Text>,
    /// `@apiFramework`, such as `SIMID`.
    pub api_framework: Option<Text>,
    /// `@variableDuration` (4.1): the program may ask for more time.
    pub variable_duration: Option<bool>,
    /// Where the document has it.
    pub place: Place,
    /// Unknown parts; the addendum's `HTMLResource` and `AdParameters` children among them.
    pub extra: Extra,
}

/// `ClosedCaptionFile` (3.9.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClosedCaptionFile {
    /// Where it is.
    pub url: Text,
    /// `@type`: the MIME type.
    pub mime_type: Option<Text>,
    /// `@language`: ISO 639-1, a region may follow.
    pub language: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}
