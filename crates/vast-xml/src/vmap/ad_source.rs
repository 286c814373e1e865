//! `AdSource` (VMAP 1.0.1, section 2.3.2).

use super::TemplateType;
use crate::Text;
use crate::model::{Extra, Vast};

/// Where the ads of a break come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdSource {
    /// `@id`. The schema says a number, documents anything.
    pub id: Option<Text>,
    /// `@allowMultipleAds`: whether more than one ad of the answer may be used. Absent means yes
    /// ([`allows_multiple_ads`](AdSource::allows_multiple_ads)).
    pub allow_multiple_ads: Option<bool>,
    /// `@followRedirects`: whether the answer may be a wrapper. Absent leaves it to the player
    /// ([`follows_redirects`](AdSource::follows_redirects)).
    pub follow_redirects: Option<bool>,
    /// The ads, or the way to them. The standard requires one; `None` when there is none that can be used.
    pub data: Option<AdData>,
    /// Unknown parts.
    pub extra: Extra,
}

impl AdSource {
    /// Whether more than one ad of the answer may be used: yes unless the document forbids it (section 2.3.2). It binds the
    /// break's own document; what wrappers in it lead to is bound by the wrappers.
    pub fn allows_multiple_ads(&self) -> bool {
        self.allow_multiple_ads.unwrap_or(true)
    }

    /// Whether wrappers in the answer are followed: yes unless the document forbids it.
    pub fn follows_redirects(&self) -> bool {
        self.follow_redirects.unwrap_or(true)
    }
}

/// What an [`AdSource`] holds.
#[derive(Clone, Debug, PartialEq)]
pub enum AdData {
    /// `VASTAdData`, which older documents call `VASTData`: the ads themselves.
    Vast(Box<Vast>),
    /// `AdTagURI`: the ad server to ask.
    Tag(AdTag),
    /// `CustomAdData`: ads in a form that publisher and player have agreed upon.
    Custom(CustomAdData),
}

/// An ad server to ask for the ads of a break.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdTag {
    /// The URL, macros unexpanded.
    pub uri: Text,
    /// `@templateType`: what the answer is. Required by the standard; absent means VAST.
    pub template_type: Option<TemplateType>,
    /// Unknown parts.
    pub extra: Extra,
}

impl AdTag {
    /// Whether the answer is VAST, of whatever version.
    pub fn is_vast(&self) -> bool {
        self.template_type.as_ref().is_none_or(TemplateType::is_vast)
    }
}

/// Ads in a form that is not VAST.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomAdData {
    /// The text, or the markup as it stands.
    pub content: Text,
    /// `@templateType`: what it is.
    pub template_type: Option<TemplateType>,
    /// Unknown parts.
    pub extra: Extra,
}
