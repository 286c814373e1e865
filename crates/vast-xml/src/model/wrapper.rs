//! `Wrapper`: the reference to an ad of another ad server (VAST 4.3, section 3.19).

use super::{AdSystem, Creative, Extension, Extra, Impression, Pricing, Verification, ViewableImpression};
use crate::text::Text;

/// A reference to the next ad server, with additional trackers.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Wrapper {
    /// `VASTAdTagURI` (3.19.1; `VASTAdTagURL` in 1.0): the URL of the next request. Macros in it are not replaced.
    /// Empty if missing.
    pub vast_ad_tag_uri: Text,
    /// `@followAdditionalWrappers`: whether the next document may be a wrapper too. See
    /// [`Wrapper::follows_additional_wrappers`].
    pub follow_additional_wrappers: Option<bool>,
    /// `@allowMultipleAds`: whether the next document may be a pod. See [`Wrapper::allows_multiple_ads`].
    pub allow_multiple_ads: Option<bool>,
    /// `@fallbackOnNoAd`: whether stand-alone ads of the same document may replace this ad if the next document has no
    /// ad. The standard has no default: if absent, the player decides.
    pub fallback_on_no_ad: Option<bool>,
    /// `AdSystem` (3.4.1).
    pub ad_system: Option<AdSystem>,
    /// `Impression` (3.4.4).
    pub impressions: Vec<Impression>,
    /// `Error` (3.4.11).
    pub errors: Vec<Text>,
    /// `Pricing` (3.4.8).
    pub pricing: Option<Pricing>,
    /// `ViewableImpression` (3.5).
    pub viewable_impression: Option<ViewableImpression>,
    /// `AdVerifications` (3.16), also those that older documents have in an extension.
    pub ad_verifications: Vec<Verification>,
    /// `Creatives` (3.6): their trackers, clicks, icons and companions.
    pub creatives: Vec<Creative>,
    /// `BlockedAdCategories` (3.19.2, since 4.1).
    pub blocked_ad_categories: Vec<BlockedAdCategories>,
    /// `Extensions` (3.18).
    pub extensions: Vec<Extension>,
    /// Unknown parts.
    pub extra: Extra,
}

impl Wrapper {
    /// Whether the next document may be a wrapper too. True if the attribute is absent.
    pub fn follows_additional_wrappers(&self) -> bool {
        self.follow_additional_wrappers.unwrap_or(true)
    }

    /// Whether the next document may have a pod or several ads. `version` is the version of this wrapper's document
    /// ([`Vast::version_number`](super::Vast::version_number)). If the attribute is absent, the result is true for VAST
    /// 2.0, which does not have the attribute and where several ads were normal. Since 3.0, the default is false.
    pub fn allows_multiple_ads(&self, version: Option<(u16, u16)>) -> bool {
        self.allow_multiple_ads.unwrap_or_else(|| version.is_some_and(|(major, _)| major < 3))
    }
}

/// `BlockedAdCategories`: categories that the wrapped ad must not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockedAdCategories {
    /// The codes of the comma-separated list, blanks removed.
    pub categories: Vec<Text>,
    /// `@authority`: the organization that defines the list of categories.
    pub authority: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}
