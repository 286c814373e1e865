//! Why an ad was rejected.

use std::borrow::Cow;
use std::fmt;

/// Why an ad was rejected, from a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// The kind of media is not wanted.
    MediaType,
    /// The size in pixels is not the one wanted.
    Dimensions,
    /// The bitrate is outside the bounds.
    Bitrate,
    /// The duration is outside the bounds.
    Duration,
    /// The ad is behind a wrapper, and wrappers are not accepted.
    Wrapper,
    /// The pod was longer than the slot allows.
    SlotFull,
}

impl RejectionReason {
    /// The name used in results.
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The VAST error code it is reported with (VAST 4.3 section 2.3.6).
    pub const fn vast_error_code(self) -> u16 {
        self.row().1
    }

    const fn row(self) -> (&'static str, u16) {
        match self {
            Self::Linearity => ("linearity", 201),
            Self::AdType => ("ad_type", 200),
            Self::NoCreative => ("no_creative", 101),
            Self::CategoryMissing => ("category_missing", 204),
            Self::CategoryBlocked => ("category_blocked", 205),
            Self::NoMediaFile => ("no_media_file", 403),
            Self::Scheme => ("scheme", 403),
            Self::ApiFramework => ("api_framework", 403),
            Self::MediaType => ("media_type", 403),
            Self::Dimensions => ("dimensions", 403),
            Self::Bitrate => ("bitrate", 403),
            Self::Duration => ("duration", 202),
            Self::Wrapper => ("wrapper", 300),
            Self::SlotFull => ("slot_full", 206),
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
}

impl Rejection {
    /// A rejection for `reason`.
    pub fn new(reason: RejectionReason, message: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, message: message.into() }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
