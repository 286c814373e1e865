//! `Creative` (VAST 4.3, section 3.7).

use super::{CompanionAds, Extension, Extra, Linear, NonLinearAds, Place};
use crate::text::Text;

/// One part of an ad. In 4.x, one creative may have a linear ad, non-linear ads and companions at the same time.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Creative {
    /// `@id`: the ad server's id for the creative.
    pub id: Option<Text>,
    /// `@adId` (`@AdID` in 2.0, the element `AdID` in 1.0).
    pub ad_id: Option<Text>,
    /// `@sequence`: the order of the creatives inside this ad. Creatives with equal numbers are shown together. It is
    /// not the position in a pod.
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

/// `UniversalAdId`: an id of the creative that is the same in all ad servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UniversalAdId {
    /// `@idRegistry`: the organization that issues the ids, such as `ad-id.org`.
    pub registry: Option<Text>,
    /// The id. The text of the element has precedence over `@idValue` of 4.0.
    pub value: Text,
    /// Whether the id is in its own element or in an extension.
    pub place: Place,
    /// Unknown parts.
    pub extra: Extra,
}

impl UniversalAdId {
    /// Whether the registry or the id is `unknown` or missing. Such an id identifies no creative and must not be used
    /// as a key.
    pub fn is_unknown(&self) -> bool {
        let unknown = |text: &str| text.is_empty() || text.eq_ignore_ascii_case("unknown");
        unknown(&self.value) || self.registry.as_deref().is_none_or(unknown)
    }
}
