//! `MediaFiles` (VAST 4.3, section 3.9).

use super::{Extra, Place, words};
use crate::text::Text;

/// `MediaFile` (3.9.1): a file that can be played. If it has an `api_framework`, it is a program for this interface
/// instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaFile {
    /// The URL of the file. The library does not expand macros in it.
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
    /// `@codec` (3.0). The standard requires the form of RFC 4281; many documents have other forms.
    pub codec: Option<Text>,
    /// `@bitrate` in kbit/s. The value 0 in a document counts as absent.
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
    /// The value of `@mediaType`. Default `2D`.
    pub fn media_type(&self) -> &str {
        self.media_type.as_deref().unwrap_or("2D")
    }
}

words! {
    /// `@delivery` of a media file.
    Delivery {
        /// `progressive`: one file, downloaded over HTTP.
        Progressive = "progressive",
        /// `streaming`: a manifest or a streaming protocol.
        Streaming = "streaming",
    }
}

/// `Mezzanine` (3.9.2): a source file of high quality, from which an ad stitcher makes files for players.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mezzanine {
    /// The URL of the file.
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
    /// `@mediaType`. Absent means `2D`.
    pub media_type: Option<Text>,
    /// Whether the part is in its own element or in an extension.
    pub place: Place,
    /// Unknown parts.
    pub extra: Extra,
}

/// `InteractiveCreativeFile` (3.9.3): a program that runs together with the media file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InteractiveCreativeFile {
    /// The URL of the program; `data:` URLs are allowed since 4.3.
    pub url: Text,
    /// `@type`: the MIME type.
    pub mime_type: Option<Text>,
    /// `@apiFramework`, such as `SIMID`.
    pub api_framework: Option<Text>,
    /// `@variableDuration` (4.1): the program may extend the duration of the ad.
    pub variable_duration: Option<bool>,
    /// Whether the part is in its own element or in an extension.
    pub place: Place,
    /// Unknown parts, and the children `HTMLResource` and `AdParameters` that the CTV addendum defines.
    pub extra: Extra,
}

/// `ClosedCaptionFile` (3.9.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClosedCaptionFile {
    /// The URL of the file.
    pub url: Text,
    /// `@type`: the MIME type.
    pub mime_type: Option<Text>,
    /// `@language`: a language code of ISO 639-1, also with a region.
    pub language: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}
