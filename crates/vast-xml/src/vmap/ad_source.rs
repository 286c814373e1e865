//! `AdSource` (VMAP 1.0.1, section 2.3.2).

use crate::model::{Extra, Vast, words};
use crate::text::Text;

/// The source of the ads of a break.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AdSource {
    /// `@id`. The schema requires a number, but documents have any text.
    pub id: Option<Text>,
    /// `@allowMultipleAds`: whether more than one ad of the response may be used. Absent means yes
    /// ([`allows_multiple_ads`](AdSource::allows_multiple_ads)).
    pub allow_multiple_ads: Option<bool>,
    /// `@followRedirects`: whether the response may be a wrapper. If absent, the player decides
    /// ([`follows_redirects`](AdSource::follows_redirects)).
    pub follow_redirects: Option<bool>,
    /// The ads or a reference to them. The standard requires this; `None` if the source has nothing that can be used.
    pub data: Option<AdData>,
    /// Unknown parts.
    pub extra: Extra,
}

impl AdSource {
    /// Whether more than one ad of the response may be used. True if the attribute is absent (section 2.3.2). It
    /// applies only to the break's own document. For documents behind wrappers, the attributes of the wrappers apply.
    pub fn allows_multiple_ads(&self) -> bool {
        self.allow_multiple_ads.unwrap_or(true)
    }

    /// Whether wrappers in the response are followed. True if the attribute is absent.
    pub fn follows_redirects(&self) -> bool {
        self.follow_redirects.unwrap_or(true)
    }
}

/// The content of an [`AdSource`].
#[derive(Clone, Debug, PartialEq)]
pub enum AdData {
    /// `VASTAdData` (`VASTData` in older documents): the VAST document itself.
    Vast(Box<Vast>),
    /// `AdTagURI`: the URL of an ad server.
    Tag(AdTag),
    /// `CustomAdData`: ads in a private format of the publisher and the player.
    Custom(CustomAdData),
}

/// The URL from which the ads of a break are requested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdTag {
    /// The URL. Macros in it are not replaced.
    pub uri: Text,
    /// `@templateType`: the format of the response. Required by the standard; if absent, VAST is assumed.
    pub template_type: Option<TemplateType>,
    /// Unknown parts.
    pub extra: Extra,
}

impl AdTag {
    /// Whether the response is VAST of any version.
    pub fn is_vast(&self) -> bool {
        self.template_type.as_ref().is_none_or(TemplateType::is_vast)
    }
}

/// Ads in a format that is not VAST.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CustomAdData {
    /// The text, or the unchanged markup.
    pub content: Text,
    /// `@templateType`: the format of the data.
    pub template_type: Option<TemplateType>,
    /// Unknown parts.
    pub extra: Extra,
}

words! {
    /// The format of an ad server's response or of custom ad data.
    TemplateType {
        /// `vast`: VAST of any version.
        Vast = "vast",
        /// `vast1`.
        Vast1 = "vast1",
        /// `vast2`.
        Vast2 = "vast2",
        /// `vast3`.
        Vast3 = "vast3",
        /// `vast4`. VMAP is older than VAST 4 and does not define this value.
        Vast4 = "vast4",
        /// `proprietary`.
        Proprietary = "proprietary",
    }
}

impl TemplateType {
    /// Whether the format is VAST of any version. Other values such as `vast42` are VAST too.
    pub fn is_vast(&self) -> bool {
        self.as_str().get(..4).is_some_and(|start| start.eq_ignore_ascii_case("vast"))
    }
}
