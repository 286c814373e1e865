//! The root and its ads (VAST 4.3, sections 3.2 and 3.3).

use super::{Creative, Extra, Impression, InLine, Wrapper, words};
use crate::Text;

/// The namespace of the standard since 4.0.
pub(crate) const NAMESPACE: &str = "http://www.iab.com/VAST";

/// A whole response.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Vast {
    /// `VAST@version` as written; `1.0` for a `VideoAdServingTemplate`, which states none. A chain of wrappers has no
    /// single version: each document keeps its own.
    pub version: Option<Text>,
    /// `Error` directly under the root (section 3.2.1): to be called when the document yields no ad. Never mixed with
    /// the errors of ads.
    pub errors: Vec<Text>,
    /// The ads in document order, those without content left out.
    pub ads: Vec<Ad>,
    /// Unknown parts, and the namespace declarations of the root. The standard's own default namespace is left out where
    /// the version has it, because the writer declares it.
    pub extra: Extra,
}

impl Vast {
    /// A document of this version without ads: a valid answer that says "no ad".
    pub fn new(version: impl Into<Text>) -> Vast {
        Vast { version: Some(version.into()), ..Vast::default() }
    }

    /// Whether the version has a namespace, which all have since 4.0.
    pub(crate) fn has_namespace(&self) -> bool {
        self.version_number().is_some_and(|(major, _)| major >= 4)
    }

    /// The leading `major.minor` of the version; `minor` is 0 when not written. `None` when there is no number.
    pub fn version_number(&self) -> Option<(u16, u16)> {
        let mut numbers = self.version.as_deref()?.trim().split(|c: char| !c.is_ascii_digit());
        let major = numbers.next()?.parse().ok()?;
        Some((major, numbers.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
    }
}

/// One ad (section 3.3).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Ad {
    /// `@id`, the ad server's name for it; not unique in practice.
    pub id: Option<Text>,
    /// `@sequence`: the ad is part of a pod and this is its position, from 1. `None` makes it a stand-alone ad: also when
    /// the document says 0 or something that is no number.
    pub sequence: Option<u32>,
    /// `@adType` (4.1). Absent means video.
    pub ad_type: Option<AdType>,
    /// `@conditionalAd` (4.0): a framework that may end up showing nothing. Absent means false.
    pub conditional_ad: Option<bool>,
    /// What it is: the ad itself, or the way to it.
    pub kind: AdKind,
    /// Unknown parts.
    pub extra: Extra,
}

impl Ad {
    /// The ad itself, unless this is a wrapper.
    pub fn inline(&self) -> Option<&InLine> {
        match &self.kind {
            AdKind::InLine(inline) => Some(inline),
            AdKind::Wrapper(_) => None,
        }
    }

    /// The wrapper, if this is one.
    pub fn wrapper(&self) -> Option<&Wrapper> {
        match &self.kind {
            AdKind::InLine(_) => None,
            AdKind::Wrapper(wrapper) => Some(wrapper),
        }
    }

    /// The `Impression`s of either kind, placeholders included.
    pub fn impressions(&self) -> &[Impression] {
        match &self.kind {
            AdKind::InLine(inline) => &inline.impressions,
            AdKind::Wrapper(wrapper) => &wrapper.impressions,
        }
    }

    /// The `Error` URLs of either kind.
    pub fn errors(&self) -> &[Text] {
        match &self.kind {
            AdKind::InLine(inline) => &inline.errors,
            AdKind::Wrapper(wrapper) => &wrapper.errors,
        }
    }

    /// The `Creative`s of either kind.
    pub fn creatives(&self) -> &[Creative] {
        match &self.kind {
            AdKind::InLine(inline) => &inline.creatives,
            AdKind::Wrapper(wrapper) => &wrapper.creatives,
        }
    }
}

/// What an ad is.
#[derive(Clone, Debug, PartialEq)]
pub enum AdKind {
    /// The ad itself.
    InLine(Box<InLine>),
    /// A reference to another ad server, with trackers of its own.
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
        /// `hybrid`: fit for audio-only players, with a picture where there is a screen.
        Hybrid = "hybrid",
    }
}
