//! `AdSource` (VMAP 1.0.1, section 2.3.2).

use crate::Text;
use crate::model::{Extra, Vast, words};

/// Where the ads of a break come from.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
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
#[non_exhaustive]
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
#[non_exhaustive]
pub struct CustomAdData {
    /// The text, or the markup as it stands.
    pub content: Text,
    /// `@templateType`: what it is.
    pub template_type: Option<TemplateType>,
    /// Unknown parts.
    pub extra: Extra,
}

words! {
    /// What an ad server answers, or what custom ad data is.
    TemplateType {
        /// `vast`: of any version.
        Vast = "vast",
        /// `vast1`.
        Vast1 = "vast1",
        /// `vast2`.
        Vast2 = "vast2",
        /// `vast3`.
        Vast3 = "vast3",
        /// `vast4`, which VMAP is too old to know.
        Vast4 = "vast4",
        /// `proprietary`.
        Proprietary = "proprietary",
    }
}

impl TemplateType {
    /// Whether it is VAST, of whatever version: `vast42` is, too.
    pub fn is_vast(&self) -> bool {
        self.as_str().get(..4).is_some_and(|start| start.eq_ignore_ascii_case("vast"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vast_is_vast_of_any_version_and_case() {
        for (name, known, vast) in [
            ("vast3", TemplateType::Vast3, true),
            ("VAST", TemplateType::Vast, true),
            ("vast42", TemplateType::Other("vast42".into()), true),
            ("Proprietary", TemplateType::Proprietary, false),
            ("acme", TemplateType::Other("acme".into()), false),
            ("é", TemplateType::Other("é".into()), false),
        ] {
            let read = TemplateType::from_name(name);
            assert_eq!((read.is_vast(), read), (vast, known), "{name}");
        }
    }
}
