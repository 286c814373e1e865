//! The profile of a device: the media files that it can play, and the order of preference.

/// The profile of a device. It decides which media files can be used, and which of them is the best. The defaults
/// restrict nothing. If no file of an ad has a type, codec and delivery that the device can play, the ad is rejected
/// with error 403. A file that is too large or needs too much bandwidth is not rejected: it is ranked after the files
/// that fit, the smallest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceProfile {
    /// The name of the profile, for the reasons in a ranking.
    pub name: String,
    /// The largest width in pixels.
    pub max_width: Option<u32>,
    /// The largest height in pixels.
    pub max_height: Option<u32>,
    /// The highest bitrate in kbit/s that the connection carries.
    pub max_bitrate: Option<u32>,
    /// The MIME types that the device plays, the preferred one first, without parameters. Default: all that a
    /// [`Slot`](super::Slot) allows.
    pub mime_types: Vec<String>,
    /// The codecs that the device can decode. Default: all. A file without a known codec is accepted.
    pub codecs: Vec<Codec>,
    /// The kinds of delivery that the device can play. Default: all. A file without `delivery` is accepted.
    pub delivery: Vec<DeliveryKind>,
    /// `apiFramework`s that the device can run, besides those of the [`Slot`](super::Slot).
    pub api_frameworks: Vec<String>,
    /// The languages of captions, the preferred one first: tags of BCP 47, such as `en` or `pt-BR`.
    pub languages: Vec<String>,
}

/// A family of codecs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[allow(missing_docs)] // The names of the codecs.
#[non_exhaustive]
pub enum Codec {
    H264,
    H265,
    Vp8,
    Vp9,
    Av1,
    Aac,
    Mp3,
    Opus,
    Vorbis,
    Ac3,
    Eac3,
}

impl Codec {
    /// All codecs.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name used in configuration.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The codec of an entry in a codec list of RFC 6381, such as `avc1.42E01E`. Other names that are in use are
    /// accepted too.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let name = name.trim().trim_matches('"').to_ascii_lowercase();
        match name.split('.').next().unwrap_or_default() {
            "mp4a" if matches!(&*name, "mp4a.69" | "mp4a.6b" | "mp4a.40.34") => Some(Self::Mp3),
            "avc1" | "avc3" | "avc" | "h264" | "x264" => Some(Self::H264),
            "h" if name == "h.264" => Some(Self::H264),
            "h" if name == "h.265" => Some(Self::H265),
            "hvc1" | "hev1" | "hevc" | "h265" | "x265" => Some(Self::H265),
            "vp8" | "vp08" => Some(Self::Vp8),
            "vp9" | "vp09" => Some(Self::Vp9),
            "av01" | "av1" => Some(Self::Av1),
            "mp4a" | "aac" => Some(Self::Aac),
            "mp3" => Some(Self::Mp3),
            "opus" => Some(Self::Opus),
            "vorbis" => Some(Self::Vorbis),
            "ac-3" | "ac3" => Some(Self::Ac3),
            "ec-3" | "eac3" => Some(Self::Eac3),
            _ => None,
        }
    }
}

/// How a media file is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum DeliveryKind {
    /// One file, downloaded over HTTP.
    Progressive,
    /// A manifest or a streaming protocol.
    Streaming,
}

impl DeliveryKind {
    /// All kinds.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name used in configuration and in VAST.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

const HLS: &str = "application/vnd.apple.mpegurl";
const DASH: &str = "application/dash+xml";

/// The values of a built-in profile: size, bitrate, MIME types and codecs.
type BuiltIn = (Option<(u32, u32)>, u32, &'static [&'static str], &'static [Codec]);

impl DeviceProfile {
    /// The names of the built-in profiles. These profiles have no APIs, because APIs depend on the player and not on
    /// the device.
    pub const BUILT_IN: [&'static str; 5] = ["web", "ctv-1080p", "ctv-4k", "mobile", "audio"];

    /// The built-in profile of this name:
    ///
    /// | name | size | kbit/s | types, best first | codecs |
    /// |---|---|---|---|---|
    /// | `web` | 1920x1080 | 8,000 | MP4, WebM | H.264, VP8, VP9, AV1, AAC, MP3, Opus, Vorbis |
    /// | `ctv-1080p` | 1920x1080 | 15,000 | HLS, MP4, DASH | H.264, AAC, AC-3, E-AC-3 |
    /// | `ctv-4k` | 3840x2160 | 40,000 | HLS, MP4, DASH | H.264, H.265, VP9, AV1, AAC, AC-3, E-AC-3 |
    /// | `mobile` | 1280x720 | 3,000 | HLS, MP4 | H.264, H.265, AAC |
    /// | `audio` | | 320 | MP3, MP4, AAC, HLS, Ogg | AAC, MP3, Opus, Vorbis |
    pub fn built_in(name: &str) -> Option<Self> {
        use Codec::{Aac, Ac3, Av1, Eac3, H264, H265, Mp3, Opus, Vorbis, Vp8, Vp9};
        let (size, max_bitrate, mime_types, codecs): BuiltIn = match name {
            "web" => {
                let codecs = &[H264, Vp8, Vp9, Av1, Aac, Mp3, Opus, Vorbis];
                (Some((1920, 1080)), 8_000, &["video/mp4", "video/webm"], codecs)
            }
            "ctv-1080p" => (Some((1920, 1080)), 15_000, &[HLS, "video/mp4", DASH], &[H264, Aac, Ac3, Eac3]),
            "ctv-4k" => {
                (Some((3840, 2160)), 40_000, &[HLS, "video/mp4", DASH], &[H264, H265, Vp9, Av1, Aac, Ac3, Eac3])
            }
            "mobile" => (Some((1280, 720)), 3_000, &[HLS, "video/mp4"], &[H264, H265, Aac]),
            "audio" => {
                (None, 320, &["audio/mpeg", "audio/mp4", "audio/aac", HLS, "audio/ogg"], &[Aac, Mp3, Opus, Vorbis])
            }
            _ => return None,
        };
        Some(Self {
            name: name.to_owned(),
            max_width: size.map(|size| size.0),
            max_height: size.map(|size| size.1),
            max_bitrate: Some(max_bitrate),
            mime_types: mime_types.iter().map(|one| (*one).to_owned()).collect(),
            codecs: codecs.to_vec(),
            ..Self::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codec_is_known_by_the_names_in_use() {
        let cases = [
            ("avc1.42E01E", Some(Codec::H264)),
            ("\"H.264\"", Some(Codec::H264)),
            (" hvc1.1.6.L93 ", Some(Codec::H265)),
            ("vp09.00.10.08", Some(Codec::Vp9)),
            ("mp4a.40.2", Some(Codec::Aac)),
            ("mp4a.40.34", Some(Codec::Mp3)),
            ("unheard-of", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(Codec::of(name), expected, "{name}");
        }
    }
}
