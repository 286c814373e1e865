//! Why an ad was rejected.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use vast_xml::Text;

/// Why an ad was rejected, from a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum RejectionReason {
    /// The ad has only nonlinear creatives, but the slot is linear.
    Linearity,
    /// The ad has neither linear nor nonlinear creatives.
    AdType,
    /// The ad has no creatives at all.
    NoCreative,
    /// The ad has no category, but the caller requires one.
    CategoryMissing,
    /// A wrapper above the ad, or the caller, blocks a category of the ad.
    CategoryBlocked,
    /// The linear creative has no media file with a URL.
    NoMediaFile,
    /// The URL of the media file is neither http nor https.
    Scheme,
    /// The media file needs an API that the player does not support.
    ApiFramework,
    /// The kind of media is not wanted.
    MediaType,
    /// The player cannot play the type of the media file.
    MimeType,
    /// The device does not decode the codec of the media file.
    Codec,
    /// The device does not play the delivery of the media file.
    Delivery,
    /// The URL of the media file is not https, but the caller requires https.
    Insecure,
    /// The operator blocks the host of the media file.
    BlockedHost,
    /// The size in pixels is not the required one.
    Dimensions,
    /// The bitrate is outside the bounds.
    Bitrate,
    /// The duration is outside the bounds.
    Duration,
    /// The version of the ad's document is not wanted.
    Version,
    /// The operator blocks the advertiser or the creative.
    Blocked,
    /// The ad may decide to show nothing, and the caller does not accept such ads.
    Conditional,
    /// The ad can be skipped and the caller accepts only ads that cannot, or the reverse.
    Skippability,
    /// The ad is part of a pod, and the slot does not accept pods.
    Pod,
    /// The ad has no mezzanine file, but the caller requires one.
    MezzanineMissing,
    /// The interactive file of the ad may extend its duration, which the slot does not accept.
    VariableDuration,
    /// A companion that must be shown cannot be shown.
    CompanionRequired,
    /// The nonlinear ad is larger than the slot.
    NonLinearSize,
    /// No resource of the nonlinear ad has a type that can be shown.
    NonLinearType,
    /// The ad is behind a wrapper, and wrappers are not accepted.
    Wrapper,
    /// The slot has no room for the ad: its pod is too long, or other ads were chosen.
    SlotFull,
    /// Another ad in the break has the same creative.
    Duplicate,
    /// An ad of the same category or advertiser is in the break.
    Competitor,
    /// All ads together do not reach the shortest running time of the break.
    BreakTooShort,
}

impl RejectionReason {
    /// The name used in results.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether the ad is usable, and other ads were only preferred. Such an ad gets an error report only if it was cut
    /// from the end of a pod whose other ads play.
    pub const fn is_preference(self) -> bool {
        matches!(self, Self::SlotFull | Self::Duplicate | Self::Competitor | Self::BreakTooShort)
    }

    /// The VAST error code that is reported for the ad (VAST 4.3 section 2.3.6).
    pub const fn vast_error_code(self) -> u16 {
        match self {
            Self::Linearity => 201,
            Self::AdType => 200,
            Self::NoCreative => 101,
            Self::CategoryMissing => 204,
            Self::CategoryBlocked => 205,
            Self::NoMediaFile => 403,
            Self::Scheme => 403,
            Self::ApiFramework => 403,
            Self::MediaType => 200,
            Self::MimeType => 403,
            Self::Codec => 403,
            Self::Delivery => 403,
            Self::Insecure => 403,
            Self::BlockedHost => 403,
            Self::Version => 102,
            Self::Blocked => 900,
            Self::Conditional => 408,
            Self::Skippability => 200,
            Self::Pod => 200,
            Self::MezzanineMissing => 406,
            Self::VariableDuration => 409,
            Self::CompanionRequired => 602,
            Self::NonLinearSize => 501,
            Self::NonLinearType => 503,
            Self::Dimensions => 203,
            Self::Bitrate => 403,
            Self::Duration => 202,
            Self::Wrapper => 300,
            Self::SlotFull | Self::Duplicate | Self::Competitor | Self::BreakTooShort => 206,
        }
    }
}

/// The reason why an ad was rejected, with details.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejection {
    /// The reason.
    pub reason: RejectionReason,
    /// Text for people.
    pub message: Cow<'static, str>,
    /// The ad of the answer that was chosen instead; `None` if there is no such ad.
    pub displaced_by: Option<DisplacedBy>,
}

/// The ad of the answer that was chosen instead of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DisplacedBy {
    /// The position of the chosen ad in the answer, from 1.
    pub position: usize,
    /// The name of the source of the chosen ad.
    pub source: Arc<str>,
    /// `Ad@id` of the chosen ad.
    pub ad_id: Option<Text>,
}

impl DisplacedBy {
    /// The ad at `position` of the answer, from 1, of the source with this name.
    pub fn new(position: usize, source: Arc<str>, ad_id: Option<Text>) -> Self {
        Self { position, source, ad_id }
    }
}

impl Rejection {
    /// A rejection for `reason`.
    pub fn new(reason: RejectionReason, message: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, message: message.into(), displaced_by: None }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
