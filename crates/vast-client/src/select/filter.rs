//! The conditions that an ad must meet.

use std::time::Duration;

use vast_xml::model::{AdType, MediaFile};

use super::blocked::Blocked;
use super::mime;
use crate::error::{Rejection, RejectionReason};

/// The kinds of media that an ad may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[doc(alias = "VIDEO")]
#[doc(alias = "AUDIO")]
#[doc(alias = "ALL")]
pub enum MediaType {
    /// `video/*`, and adaptive manifests of ads that are not audio ads.
    Video,
    /// `audio/*`, and adaptive manifests of audio ads.
    Audio,
    /// Video and audio.
    All,
}

impl MediaType {
    /// All kinds.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name used in configuration.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A condition on whether the viewer can skip the ad.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Skippability {
    /// Ads with and without a `skipoffset`.
    #[default]
    Any,
    /// Only ads with a `skipoffset`.
    Required,
    /// Only ads without a `skipoffset`.
    Refused,
}

impl Skippability {
    /// All values.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name used in configuration.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The conditions that an ad must meet. An ad passes when its duration is within the bounds and at least one of its media
/// files meets **all** bounds on media together. The default accepts every ad.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "VastParseFilter")]
pub struct ParseFilter {
    /// The accepted kinds of media. Default: all; an empty list also means all.
    pub media_types: Vec<MediaType>,
    /// The shortest `Duration` wanted.
    pub min_duration: Option<Duration>,
    /// The longest `Duration` wanted.
    pub max_duration: Option<Duration>,
    /// The least bitrate wanted, in kbit/s.
    pub min_bitrate: Option<u32>,
    /// The highest bitrate wanted, in kbit/s.
    pub max_bitrate: Option<u32>,
    /// The exact width and height wanted, in pixels.
    pub required_dimensions: Option<(u32, u32)>,
    /// Whether a bound counts as met when the document does not give the value. Default `false`.
    pub accept_unknown: bool,
    /// Whether an ad is rejected when a wrapper above it blocks one of its categories (VAST 4.3 section 3.19.2). Default `true`.
    pub check_categories: bool,
    /// Whether an ad must have a category (VAST 4.3 section 3.4.5). Default `false`.
    pub require_category: bool,
    /// Categories that are not wanted: the code alone, or `authority:code`. Default: none.
    pub blocked_categories: Vec<String>,
    /// The ads and media hosts that the operator blocks for all sources. Default: none.
    pub blocked: Blocked,
    /// The condition on whether the viewer can skip the ad. Default: none, so all ads pass.
    pub skippable: Skippability,
    /// Whether ads with `conditionalAd="true"` are accepted, which may decide to show nothing. Default `true`.
    pub accept_conditional: bool,
    /// Whether media files must have an https URL. Default `false`.
    pub require_secure: bool,
    /// Whether an ad must have a mezzanine file: a source file that an ad stitcher transcodes. Default `false`.
    pub require_mezzanine: bool,
    /// The versions of the ad's document that are wanted: a major version (`4`) or an exact one (`3.0`). Default: all.
    pub versions: Vec<String>,
    /// Whether wrappers are followed. Default `true`.
    pub accept_wrappers: bool,
    /// The largest number of wrappers above an `InLine`. Default 5 (VAST 4.3 section 2.3.5.1).
    pub max_wrapper_depth: u32,
}

impl Default for ParseFilter {
    fn default() -> Self {
        Self {
            media_types: Vec::new(),
            min_duration: None,
            max_duration: None,
            min_bitrate: None,
            max_bitrate: None,
            required_dimensions: None,
            accept_unknown: false,
            check_categories: true,
            require_category: false,
            blocked_categories: Vec::new(),
            blocked: Blocked::default(),
            skippable: Skippability::Any,
            accept_conditional: true,
            require_secure: false,
            require_mezzanine: false,
            versions: Vec::new(),
            accept_wrappers: true,
            max_wrapper_depth: 5,
        }
    }
}

impl ParseFilter {
    /// Sets the kinds of media that are wanted.
    #[must_use]
    pub fn with_media_types(mut self, media_types: impl IntoIterator<Item = MediaType>) -> Self {
        self.media_types = media_types.into_iter().collect();
        self
    }

    /// Sets the shortest and the longest duration; `None` is no bound.
    #[must_use]
    pub fn with_durations(mut self, min: Option<Duration>, max: Option<Duration>) -> Self {
        (self.min_duration, self.max_duration) = (min, max);
        self
    }

    /// Sets the least and the highest bitrate in kbit/s; `None` is no bound.
    #[must_use]
    pub fn with_bitrates(mut self, min: Option<u32>, max: Option<u32>) -> Self {
        (self.min_bitrate, self.max_bitrate) = (min, max);
        self
    }

    /// Sets the exact width and height in pixels.
    #[must_use]
    pub fn with_dimensions(mut self, width: u32, height: u32) -> Self {
        self.required_dimensions = Some((width, height));
        self
    }
}

/// The range in which a value lies; `None` if the document does not give it.
type KnownRange = Option<(f64, f64)>;

impl ParseFilter {
    /// Whether the ad's duration is within the bounds. `longest` is that of the slot.
    pub(crate) fn check_duration(
        &self,
        duration: Option<Duration>,
        shortest: Option<Duration>,
        longest: Option<Duration>,
    ) -> Result<(), Rejection> {
        let shortest = self.min_duration.into_iter().chain(shortest).max();
        let longest = self.max_duration.into_iter().chain(longest).min();
        if shortest.is_none() && longest.is_none() {
            return Ok(());
        }
        let seconds = |bound: Option<Duration>| bound.map(|bound| bound.as_secs_f64());
        let known = duration.map(|duration| (duration.as_secs_f64(), duration.as_secs_f64()));
        self.check(known, seconds(shortest), seconds(longest))
            .map_err(|problem| Rejection::new(RejectionReason::Duration, format!("duration {problem} (seconds)")))
    }

    /// Whether one media file meets all media bounds.
    pub(crate) fn check_media(
        &self,
        file: &MediaFile,
        duration: Option<Duration>,
        ad_type: Option<&AdType>,
    ) -> Result<(), Rejection> {
        let is_secure = file.url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
        if self.require_secure && !is_secure {
            return Err(Rejection::new(RejectionReason::Insecure, "the URL is not https"));
        }
        self.blocked.check_url(&file.url)?;
        self.check_media_type(file, ad_type)?;
        self.check_dimensions(file)?;
        if self.min_bitrate.is_none() && self.max_bitrate.is_none() {
            return Ok(());
        }
        self.check(bitrate(file, duration), self.min_bitrate.map(f64::from), self.max_bitrate.map(f64::from))
            .map_err(|problem| Rejection::new(RejectionReason::Bitrate, format!("bitrate {problem} (kbit/s)")))
    }

    fn check_media_type(&self, file: &MediaFile, ad_type: Option<&AdType>) -> Result<(), Rejection> {
        if self.media_types.is_empty() || self.media_types.contains(&MediaType::All) {
            return Ok(());
        }
        match media_type(file, ad_type) {
            Some(known) if self.media_types.contains(&known) => Ok(()),
            None if self.accept_unknown => Ok(()),
            _ => {
                let shown = file.mime_type.as_deref().unwrap_or("unknown");
                Err(Rejection::new(RejectionReason::MediaType, format!("type {shown} is not wanted")))
            }
        }
    }

    fn check_dimensions(&self, file: &MediaFile) -> Result<(), Rejection> {
        let Some((width, height)) = self.required_dimensions else { return Ok(()) };
        match (file.width, file.height) {
            (Some(known_width), Some(known_height)) if (known_width, known_height) == (width, height) => Ok(()),
            (None, _) | (_, None) if self.accept_unknown => Ok(()),
            (known_width, known_height) => {
                let shown = |side: Option<u32>| side.map_or_else(|| "?".to_owned(), |side| side.to_string());
                let found = format!("{}x{}", shown(known_width), shown(known_height));
                Err(Rejection::new(RejectionReason::Dimensions, format!("size {found} is not {width}x{height}")))
            }
        }
    }

    fn check(&self, known: KnownRange, min: Option<f64>, max: Option<f64>) -> Result<(), String> {
        let Some((low, high)) = known else {
            return if self.accept_unknown { Ok(()) } else { Err("is not known".to_owned()) };
        };
        match (min, max) {
            (Some(min), _) if high < min => Err(format!("{high} is below {min}")),
            (_, Some(max)) if low > max => Err(format!("{low} is above {max}")),
            _ => Ok(()),
        }
    }
}

/// The kind of a media file: by its MIME type, else by the ending of its URL.
fn media_type(file: &MediaFile, ad_type: Option<&AdType>) -> Option<MediaType> {
    let kind = mime::kind(&mime::of_file(file)?);
    mime::is_audio(kind, ad_type).map(|is_audio| if is_audio { MediaType::Audio } else { MediaType::Video })
}

/// The bitrate of a file in kbit/s: `bitrate`, else the range of an adaptive file, else computed from its size and duration.
pub(crate) fn bitrate(file: &MediaFile, duration: Option<Duration>) -> KnownRange {
    let exact = |value: u32| (f64::from(value), f64::from(value));
    let span = match (file.min_bitrate, file.max_bitrate) {
        (None, None) => None,
        (low, high) => Some((low.map_or(0.0, f64::from), high.map_or(f64::INFINITY, f64::from))),
    };
    let computed = || {
        let seconds = duration.map(|duration| duration.as_secs_f64()).filter(|seconds| *seconds > 0.0)?;
        // The conversion loses precision only above 2^53 bytes, and no media file is so large.
        #[allow(clippy::cast_precision_loss)]
        let kilobits = file.file_size.filter(|size| *size > 0)? as f64 * 8.0 / 1000.0;
        Some((kilobits / seconds, kilobits / seconds))
    };
    file.bitrate.map(exact).or(span).or_else(computed)
}

/// The middle of the bitrate range of a file in kbit/s; 0 if it is not known, and the lower end if there is no upper end.
pub(super) fn mean_bitrate(file: &MediaFile, duration: Option<Duration>) -> u64 {
    let (low, high) = bitrate(file, duration).unwrap_or_default();
    let mean = if high.is_finite() { (low + high) / 2.0 } else { low };
    // A real bitrate fits into the type; a larger value becomes the maximum.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let kilobits = mean as u64;
    kilobits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bitrate: Option<u32>, span: Option<(u32, u32)>, size: Option<u64>) -> MediaFile {
        let mut file = MediaFile::default();
        file.bitrate = bitrate;
        file.min_bitrate = span.map(|span| span.0);
        file.max_bitrate = span.map(|span| span.1);
        file.file_size = size;
        file
    }

    #[test]
    fn bitrate_is_stated_else_spanned_else_computed() {
        let ten = Some(Duration::from_secs(10));
        let cases = [
            (file(Some(800), Some((1, 2)), Some(9)), Some((800.0, 800.0))),
            (file(None, Some((500, 3000)), Some(9)), Some((500.0, 3000.0))),
            (file(None, None, Some(2_500_000)), Some((2000.0, 2000.0))),
            (file(None, None, None), None),
        ];
        for (file, expected) in cases {
            assert_eq!(bitrate(&file, ten), expected, "{file:?}");
        }
        assert_eq!(bitrate(&file(None, None, Some(1000)), None), None, "no duration, no bitrate");
    }

    #[test]
    fn any_part_of_an_adaptive_span_will_do() {
        let filter = ParseFilter { min_bitrate: Some(2000), max_bitrate: Some(2500), ..ParseFilter::default() };
        assert!(filter.check_media(&file(None, Some((500, 3000)), None), None, None).is_ok());
        assert!(filter.check_media(&file(None, Some((500, 1900)), None), None, None).is_err());
        assert!(filter.check_media(&file(None, Some((2600, 3000)), None), None, None).is_err());
    }

    #[test]
    fn an_unknown_value_does_not_meet_a_bound_unless_accepted() {
        let strict = ParseFilter {
            min_bitrate: Some(1),
            min_duration: Some(Duration::from_secs(1)),
            required_dimensions: Some((1, 1)),
            media_types: vec![MediaType::Video],
            ..ParseFilter::default()
        };
        let lenient = ParseFilter { accept_unknown: true, ..strict.clone() };
        let unknown = MediaFile::default();
        assert!(strict.check_media(&unknown, None, None).is_err() && strict.check_duration(None, None, None).is_err());
        assert!(lenient.check_media(&unknown, None, None).is_ok() && lenient.check_duration(None, None, None).is_ok());
    }

    #[test]
    fn a_missing_type_is_read_off_the_suffix() {
        let filter = ParseFilter { media_types: vec![MediaType::Audio], ..ParseFilter::default() };
        let at = |url: &str| {
            let mut file = MediaFile::default();
            file.url = url.into();
            file
        };
        assert!(filter.check_media(&at("https://cdn.example/a.MP3?x=.mp4"), None, None).is_ok());
        assert!(filter.check_media(&at("https://cdn.example/a.mp4"), None, None).is_err());
        assert!(filter.check_media(&at("https://cdn.example/a.m3u8"), None, Some(&AdType::Audio)).is_ok());
    }
}
