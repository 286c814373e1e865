//! `Creative` (VAST 4.3, section 3.7).

use super::{CompanionAds, Extension, Extra, Linear, NonLinearAds, Place};
use crate::Text;

/// One part of an ad. In 4.x it may be linear, non-linear and have companions at once.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Creative {
    /// `@id`: the ad server's name for it.
    pub id: Option<Text>,
    /// `@adId` (`@AdID` in 2.0, the element `AdID` in 1.0).
    pub ad_id: Option<Text>,
    /// `@sequence`: the order inside this one ad, equal numbers together. It is no pod position.
    pub sequence: Option<u32>,
    /// `@apiFramework`.
    pub api_framework: Option<Text>,
    /// `UniversalAdId` (3.7.1, since 4.0; several since 4.2).
    pub universal_ad_ids: Vec<UniversalAdId>,
    /// `Linear` (3.8).
    pub linear: Option<Linear>,
    /// `NonLinearAds` (3.12).
    pub non_linear_ads: Option<NonLinearAds>,
    /// `CompanionAds` (3.13).
    pub companion_ads: Option<CompanionAds>,
    /// `CreativeExtensions` (3.7.2), also those that VAST 3.0 has under `Linear` and `NonLinear`.
    pub creative_extensions: Vec<Extension>,
    /// Unknown parts.
    pub extra: Extra,
}

/// `UniversalAdId`: a name for the creative that holds across ad servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UniversalAdId {
    /// `@idRegistry`: who gives the ids out, such as `ad-id.org`.
    pub registry: Option<Text>,
    /// The id. The element's text beats 4.0's `@idValue`.
    pub value: Text,
    /// Where the document has it.
    pub place: Place,
    /// Unknown parts.
    pub extra: Extra,
}

impl UniversalAdId {
    /// Whether it names nothing: the registry or the id is `unknown` or missing. Such ids must not be used as keys.
    pub fn is_unknown(&self) -> bool {
        let unknown = |text: &str| text.is_empty() || text.eq_ignore_ascii_case("unknown");
        unknown(&self.value) || self.registry.as_deref().is_none_or(unknown)
    }
}
