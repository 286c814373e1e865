//! The root and its ads (VAST 4.3, sections 3.2 and 3.3).

use super::{Creative, Extra, Impression, InLine, Wrapper, words};
use crate::text::Text;

/// The namespace of the standard since 4.0.
pub(crate) const NAMESPACE: &str = "http://www.iab.com/VAST";

/// A whole VAST document.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Vast {
    /// `VAST@version` as written; `1.0` for a `VideoAdServingTemplate`, which has no version attribute. The documents
    /// of a wrapper chain may have different versions.
    pub version: Option<Text>,
    /// `Error` directly under the root (section 3.2.1): called if the document has no ad. The errors of ads are in the
    /// ads.
    pub errors: Vec<Text>,
    /// The ads in document order. Ads without content are omitted.
    pub ads: Vec<Ad>,
    /// Unknown parts, and the namespace declarations of the root. For versions with a default namespace, this namespace
    /// is omitted here, because the writer declares it.
    pub extra: Extra,
}

impl Vast {
    /// A document of this version without ads: a valid "no ad" response.
    pub fn new(version: impl Into<Text>) -> Vast {
        Vast { version: Some(version.into()), ..Vast::default() }
    }

    /// Whether the version has a namespace. All versions since 4.0 have one.
    pub(crate) fn has_namespace(&self) -> bool {
        self.version_number().is_some_and(|(major, _)| major >= 4)
    }

    /// The numbers `major.minor` at the beginning of the version; `minor` is 0 if it is missing. `None` if the version
    /// does not begin with a number.
    pub fn version_number(&self) -> Option<(u16, u16)> {
        Self::number_of_version(self.version.as_deref()?)
    }

    /// [`version_number`](Self::version_number) of a document with this `@version`.
    pub fn number_of_version(version: &str) -> Option<(u16, u16)> {
        if let [major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] = version.as_bytes() {
            // All versions that exist. Each document is asked for its version several times.
            return Some((u16::from(major - b'0'), u16::from(minor - b'0')));
        }
        let mut numbers = version.trim().split(|c: char| !c.is_ascii_digit());
        let major = numbers.next()?.parse().ok()?;
        Some((major, numbers.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
    }
}

/// One ad (section 3.3).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Ad {
    /// `@id`: the ad server's id for the ad. It is not unique in practice.
    pub id: Option<Text>,
    /// `@sequence`: the position of the ad in the pod, from 1. `None` means a stand-alone ad. The reader also gives
    /// `None` for 0 and for a value that is not a number.
    pub sequence: Option<u32>,
    /// `@adType` (4.1). Absent means video.
    pub ad_type: Option<AdType>,
    /// `@conditionalAd` (4.0): the ad is a program that may decide to show nothing. Absent means false.
    pub conditional_ad: Option<bool>,
    /// The content: the ad itself, or a reference to another document.
    pub kind: AdKind,
    /// Unknown parts.
    pub extra: Extra,
}

impl Ad {
    /// The `InLine`; `None` if this is a wrapper.
    pub fn inline(&self) -> Option<&InLine> {
        match &self.kind {
            AdKind::InLine(inline) => Some(inline),
            AdKind::Wrapper(_) => None,
        }
    }

    /// The `Wrapper`; `None` if this is an `InLine`.
    pub fn wrapper(&self) -> Option<&Wrapper> {
        match &self.kind {
            AdKind::InLine(_) => None,
            AdKind::Wrapper(wrapper) => Some(wrapper),
        }
    }

    /// The impressions of the `InLine` or `Wrapper`, including placeholders.
    pub fn impressions(&self) -> &[Impression] {
        match &self.kind {
            AdKind::InLine(inline) => &inline.impressions,
            AdKind::Wrapper(wrapper) => &wrapper.impressions,
        }
    }

    /// The `Error` URLs of the `InLine` or `Wrapper`.
    pub fn errors(&self) -> &[Text] {
        match &self.kind {
            AdKind::InLine(inline) => &inline.errors,
            AdKind::Wrapper(wrapper) => &wrapper.errors,
        }
    }

    /// The creatives of the `InLine` or `Wrapper`.
    pub fn creatives(&self) -> &[Creative] {
        match &self.kind {
            AdKind::InLine(inline) => &inline.creatives,
            AdKind::Wrapper(wrapper) => &wrapper.creatives,
        }
    }
}

/// The content of an ad.
#[derive(Clone, Debug, PartialEq)]
pub enum AdKind {
    /// The ad itself.
    InLine(Box<InLine>),
    /// A reference to another ad server, with additional trackers.
    Wrapper(Box<Wrapper>),
}

impl Default for AdKind {
    /// An empty `InLine`.
    fn default() -> AdKind {
        AdKind::InLine(Box::default())
    }
}

words! {
    /// `Ad@adType` (VAST 4.1).
    AdType: Default {
        /// `video`, the default of the standard.
        #[default]
        Video = "video",
        /// `audio`.
        Audio = "audio",
        /// `hybrid`: an ad for players with and without a screen, such as audio with an image.
        Hybrid = "hybrid",
    }
}
