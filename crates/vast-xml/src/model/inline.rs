//! `InLine`: the ad itself (VAST 4.3, section 3.4).

use super::{Creative, Extension, Extra, Verification, ViewableImpression, is_placeholder};
use crate::text::Text;

/// A complete ad.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct InLine {
    /// `AdSystem` (3.4.1): the ad server.
    pub ad_system: Option<AdSystem>,
    /// `AdTitle` (3.4.2).
    pub ad_title: Option<Text>,
    /// `AdServingId` (3.4.3, since 4.1): the id of this serving of the ad, the value of `[ADSERVINGID]`.
    pub ad_serving_id: Option<Text>,
    /// `Impression` (3.4.4): all are called when the first frame is shown, except those for which
    /// [`Impression::is_placeholder`] is true.
    pub impressions: Vec<Impression>,
    /// `Category` (3.4.5, since 4.0). The reader omits empty ones.
    pub categories: Vec<Category>,
    /// `Description` (3.4.6).
    pub description: Option<Text>,
    /// `Advertiser` (3.4.7, since 3.0).
    pub advertiser: Option<Advertiser>,
    /// `Pricing` (3.4.8, since 3.0).
    pub pricing: Option<Pricing>,
    /// `Survey` (3.4.9, deprecated since 4.1): called only if the host requests it.
    pub surveys: Vec<Survey>,
    /// `Expires` (3.4.10, since 4.1): the number of seconds for which the ad is valid after the response. Absent means
    /// no limit.
    pub expires: Option<u64>,
    /// `Error` (3.4.11): called with `[ERRORCODE]` when the ad fails.
    pub errors: Vec<Text>,
    /// `ViewableImpression` (3.5, since 4.0).
    pub viewable_impression: Option<ViewableImpression>,
    /// `AdVerifications` (3.16, since 4.0), also those that older documents have in an extension.
    pub ad_verifications: Vec<Verification>,
    /// `Creatives` (3.6) in document order.
    pub creatives: Vec<Creative>,
    /// `Extensions` (3.18).
    pub extensions: Vec<Extension>,
    /// Unknown parts.
    pub extra: Extra,
}

/// `AdSystem`: the ad server's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdSystem {
    /// The name.
    pub name: Text,
    /// `@version`: the version of the ad server.
    pub version: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}

/// `Impression`: a URL to call when the first frame of the ad is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Impression {
    /// The URL. Macros in it are not replaced.
    pub url: Text,
    /// `@id`: the id of the ad server that gets the call.
    pub id: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}

impl Impression {
    /// An impression with this URL.
    pub fn new(url: impl Into<Text>) -> Impression {
        Impression { url: url.into(), ..Impression::default() }
    }

    /// Whether the URL is the placeholder `about:blank`, which is never called (3.4.4). The standard requires an
    /// `Impression`, so an ad without one has this URL.
    pub fn is_placeholder(&self) -> bool {
        is_placeholder(&self.url)
    }
}

/// `Category`: the category of the ad's content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Category {
    /// The code of the category.
    pub value: Text,
    /// `@authority`: the organization that defines the list of categories.
    pub authority: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}

/// `Advertiser`: the advertiser that pays for the ad.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advertiser {
    /// The name; since 4.1 preferably the advertiser's domain.
    pub name: Text,
    /// `@id` (4.1).
    pub id: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}

/// `Pricing`: the price of the ad.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pricing {
    /// The decimal number as written; it may be encrypted or obfuscated.
    pub value: Text,
    /// `@model`: `CPM`, `CPC`, `CPE` or `CPV`, in upper or lower case.
    pub model: Option<Text>,
    /// `@currency`: three letters by ISO 4217.
    pub currency: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}

/// `Survey`: a URL of a questionnaire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Survey {
    /// The URL.
    pub url: Text,
    /// `@type`: a MIME type, `text/javascript` if absent.
    pub survey_type: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}
