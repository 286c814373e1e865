//! `Wrapper`: the way to another ad server's ad (VAST 4.3, section 3.19).

use super::{AdSystem, Creative, Extension, Extra, Impression, Pricing, Verification, ViewableImpression};
use crate::Text;

/// A reference to the next ad server, with what is to be tracked on the way.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Wrapper {
    /// `VASTAdTagURI` (3.19.1), or 1.0's `VASTAdTagURL`: the next request, macros unexpanded. Empty if missing.
    pub vast_ad_tag_uri: Text,
    /// `@followAdditionalWrappers`: whether the answer may be a wrapper again.
    /// See [`Wrapper::follows_additional_wrappers`].
    pub follow_additional_wrappers: Option<bool>,
    /// `@allowMultipleAds`: whether the answer may be a pod. See [`Wrapper::allows_multiple_ads`].
    pub allow_multiple_ads: Option<bool>,
    /// `@fallbackOnNoAd`: whether the ads beside this one may stand in for it. No default: absent leaves it to the player.
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
    /// `AdVerifications` (3.16), also those that older documents carry in an extension.
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
    /// Whether the answer may be a wrapper again: true unless the document says otherwise.
    pub fn follows_additional_wrappers(&self) -> bool {
        self.follow_additional_wrappers.unwrap_or(true)
    }

    /// Whether the answer may hold a pod or several ads. `version` is that of this wrapper's document
    /// ([`Vast::version_number`](super::Vast::version_number)): VAST 2.0 had no such attribute and answers with several
    /// ads were normal, since 3.0 the default is false.
    pub fn allows_multiple_ads(&self, version: Option<(u16, u16)>) -> bool {
        self.allow_multiple_ads.unwrap_or_else(|| version.is_some_and(|(major, _)| major < 3))
    }
}

/// `BlockedAdCategories`: categories that the ad below must not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockedAdCategories {
    /// The codes of the comma-separated list, blanks removed.
    pub categories: Vec<Text>,
    /// `@authority`: whose list they are from.
    pub authority: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}
