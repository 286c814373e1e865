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
    /// The ad has nonlinear creatives where a linear one is wanted.
    Linearity,
    /// The ad has neither linear nor nonlinear creatives.
    AdType,
    /// The ad has no creatives at all.
    NoCreative,
    /// The ad says of none of the lists what it is about, which the caller demands.
    CategoryMissing,
    /// The ad is about something that a wrapper above it blocks.
    CategoryBlocked,
    /// The linear creative has no media file with a URL.
    NoMediaFile,
    /// The media file is not reached by http or https.
    Scheme,
    /// The media file needs an API that the player does not have.
    ApiFramework,
    /// No player can play the type of the media file, or the kind of media is not wanted.
    MediaType,
    /// The size in pixels is not the one wanted.
    Dimensions,
    /// The bitrate is outside the bounds.
    Bitrate,
    /// The duration is outside the bounds.
    Duration,
    /// The ad is behind a wrapper, and wrappers are not accepted.
    Wrapper,
    /// The slot has no room for it: its pod is too long, or other ads were taken.
    SlotFull,
    /// Its creative is in the break already.
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

    /// Whether it is no fault of the ad, which is usable: others are preferred. Such an ad gets an error report only when it is
    /// cut from the end of a pod of which others play.
    pub const fn is_preference(self) -> bool {
        matches!(self, Self::SlotFull | Self::Duplicate | Self::Competitor | Self::BreakTooShort)
    }

    /// The VAST error code it is reported with (VAST 4.3 section 2.3.6).
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
            Self::MediaType => 403,
            Self::Dimensions => 403,
            Self::Bitrate => 403,
            Self::Duration => 202,
            Self::Wrapper => 300,
            Self::SlotFull | Self::Duplicate | Self::Competitor | Self::BreakTooShort => 206,
        }
    }
}

/// The reason against an ad, with the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The reason.
    pub reason: RejectionReason,
    /// Text for people.
    pub message: Cow<'static, str>,
    /// The ad of the answer that was taken instead, where one was.
    pub displaced_by: Option<DisplacedBy>,
}

/// An ad of the answer that was taken instead of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplacedBy {
    /// Its position in the answer, from 1.
    pub position: usize,
    /// The name of its source.
    pub source: Arc<str>,
    /// Its `Ad@id`.
    pub ad_id: Option<Text>,
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
