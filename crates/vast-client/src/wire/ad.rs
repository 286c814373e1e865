//! Ads.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::model;

use super::creative::Creative;
use super::extension::Extension;
use super::media::{MediaFile, MediaRanking};
use super::milliseconds;
use super::tracker::{TrackedUrl, ViewableImpression};
use super::verification::Verification;
use crate::ad::{Inherited, WrapperLevel};
use crate::request::Slot;
use crate::select;

/// The two kinds of ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AdKind {
    /// The ad itself. In the answer to a request it is merged with the wrappers above it.
    Inline,
    /// A reference to another ad server.
    Wrapper,
}

/// An ad (VAST 4.3 sections 3.3, 3.4 and 3.19).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Ad<'a> {
    /// Whether this is an ad or a wrapper.
    pub kind: AdKind,
    /// The name of the ad's source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'a str>,
    /// Whether the ad or a wrapper above it comes from the cache: it was fetched for another request. Absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub from_cache: bool,
    /// `Ad@id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// The position in a pod, from 1. Absent for a stand-alone ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
    /// `video`, `audio`, `hybrid`, or another text of the document. Absent means video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_type: Option<&'a str>,
    /// Whether the ad may decide to show nothing. Absent means no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditional_ad: Option<bool>,
    /// The ad system that served the ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_system: Option<&'a str>,
    /// The version of the ad system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_system_version: Option<&'a str>,
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_title: Option<&'a str>,
    /// Identifies this serving of the ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_serving_id: Option<&'a str>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'a str>,
    /// The advertiser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advertiser: Option<&'a str>,
    /// The id of the advertiser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advertiser_id: Option<&'a str>,
    /// The price: that of the outermost wrapper with a price, otherwise that of the ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing<'a>>,
    /// The categories of the ad's content.
    pub categories: Vec<Category<'a>>,
    /// How many seconds after the request the ad may still be played. Absent means no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_s: Option<u64>,
    /// For a wrapper: the URL of the next document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vast_ad_tag_uri: Option<TrackedUrl<'a>>,
    /// For a wrapper: whether the next document may contain a wrapper again. Absent means yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_additional_wrappers: Option<bool>,
    /// For a wrapper: whether the next document may contribute a pod. Absent means no, in VAST 2.0 yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_multiple_ads: Option<bool>,
    /// For a wrapper: whether the ads beside it may replace it if it gives no ad. Absent leaves this to the player.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_on_no_ad: Option<bool>,
    /// For a wrapper: categories that the ad below it must not have.
    pub blocked_categories: Vec<BlockedCategories<'a>>,
    /// Called when the ad is shown.
    pub impressions: Vec<TrackedUrl<'a>>,
    /// Called when the ad fails.
    pub errors: Vec<TrackedUrl<'a>>,
    /// The wrappers above the ad, outermost first.
    pub wrappers: Vec<WrapperStep<'a>>,
    /// The creatives of the ad, followed by the companions of its wrappers, nearest first.
    pub creatives: Vec<Creative<'a>>,
    /// The media file that a player would choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected_media: Option<MediaFile<'a>>,
    /// The code of vendors that measure the ad.
    pub verifications: Vec<Verification<'a>>,
    /// Trackers of viewability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewable_impression: Option<ViewableImpression<'a>>,
    /// Questionnaires.
    pub surveys: Vec<Survey<'a>>,
    /// Extensions.
    pub extensions: Vec<Extension<'a>>,
}

impl<'a> Ad<'a> {
    /// An ad of the answer to a request for `slot`.
    pub fn of_answer(candidate: &'a select::Candidate, slot: &Slot) -> Self {
        let ad = &candidate.ad;
        let mut creatives = Creative::merged(ad);
        let chosen = creatives.get_mut(candidate.media.creative).and_then(|creative| creative.linear.as_mut());
        if let (Some(shown), Some(linear)) = (chosen, candidate.linear()) {
            let ranking = candidate.media.ranking(linear, slot);
            shown.media_ranking = Some(ranking.into_iter().map(MediaRanking::from).collect());
        }
        Self {
            source: Some(&ad.tree.source),
            from_cache: ad.is_from_cache(),
            id: ad.id.as_deref(),
            sequence: ad.sequence,
            ad_type: ad.ad_type.as_ref().map(model::AdType::as_str),
            conditional_ad: ad.conditional_ad,
            impressions: ad.impressions().map(TrackedUrl::from).collect(),
            errors: ad.errors().map(TrackedUrl::from).collect(),
            wrappers: ad.wrappers.iter().map(|level| WrapperStep::from(&**level)).collect(),
            pricing: ad.pricing().map(|pricing| Pricing::from(pricing.item)),
            creatives,
            selected_media: candidate.media_file().map(MediaFile::from),
            verifications: ad.verifications().map(Verification::from).collect(),
            viewable_impression: ad.viewability().map(ViewableImpression::from),
            extensions: ad.extensions().map(Extension::from).collect(),
            ..Self::of_inline(&ad.inline)
        }
    }
}

impl<'a> From<&'a model::Ad> for Ad<'a> {
    fn from(ad: &'a model::Ad) -> Self {
        let of_kind = match &ad.kind {
            model::AdKind::InLine(inline) => Self::own_inline(inline),
            model::AdKind::Wrapper(wrapper) => Self::own_wrapper(wrapper),
        };
        Self {
            id: ad.id.as_deref(),
            sequence: ad.sequence,
            ad_type: ad.ad_type.as_ref().map(model::AdType::as_str),
            conditional_ad: ad.conditional_ad,
            impressions: ad.impressions().iter().map(|item| Inherited { hop: 0, item }.into()).collect(),
            errors: TrackedUrl::list(ad.errors(), 0),
            ..of_kind
        }
    }
}

impl<'a> Ad<'a> {
    fn own_inline(inline: &'a model::InLine) -> Self {
        Self {
            creatives: inline.creatives.iter().map(Creative::own).collect(),
            verifications: Verification::own(&inline.ad_verifications),
            viewable_impression: inline.viewable_impression.as_ref().map(ViewableImpression::own),
            extensions: Extension::own(&inline.extensions),
            ..Self::of_inline(inline)
        }
    }

    fn own_wrapper(wrapper: &'a model::Wrapper) -> Self {
        let uri = &wrapper.vast_ad_tag_uri;
        Self {
            pricing: wrapper.pricing.as_ref().map(Pricing::from),
            vast_ad_tag_uri: (!uri.is_empty()).then(|| TrackedUrl::new(uri, 0)),
            follow_additional_wrappers: wrapper.follow_additional_wrappers,
            allow_multiple_ads: wrapper.allow_multiple_ads,
            fallback_on_no_ad: wrapper.fallback_on_no_ad,
            blocked_categories: wrapper.blocked_ad_categories.iter().map(BlockedCategories::from).collect(),
            creatives: wrapper.creatives.iter().map(Creative::own).collect(),
            verifications: Verification::own(&wrapper.ad_verifications),
            viewable_impression: wrapper.viewable_impression.as_ref().map(ViewableImpression::own),
            extensions: Extension::own(&wrapper.extensions),
            ..Self::empty(AdKind::Wrapper, wrapper.ad_system.as_ref())
        }
    }

    /// The fields that come only from the `InLine`. Wrappers add nothing to them.
    fn of_inline(inline: &'a model::InLine) -> Self {
        let advertiser = inline.advertiser.as_ref();
        Self {
            ad_title: inline.ad_title.as_deref(),
            ad_serving_id: inline.ad_serving_id.as_deref(),
            description: inline.description.as_deref(),
            advertiser: advertiser.map(|advertiser| &*advertiser.name),
            advertiser_id: advertiser.and_then(|advertiser| advertiser.id.as_deref()),
            pricing: inline.pricing.as_ref().map(Pricing::from),
            categories: inline.categories.iter().map(Category::from).collect(),
            expires_s: inline.expires,
            surveys: inline.surveys.iter().map(Survey::from).collect(),
            ..Self::empty(AdKind::Inline, inline.ad_system.as_ref())
        }
    }

    fn empty(kind: AdKind, ad_system: Option<&'a model::AdSystem>) -> Self {
        Self {
            kind,
            source: None,
            from_cache: false,
            id: None,
            sequence: None,
            ad_type: None,
            conditional_ad: None,
            ad_system: ad_system.map(|system| &*system.name),
            ad_system_version: ad_system.and_then(|system| system.version.as_deref()),
            ad_title: None,
            ad_serving_id: None,
            description: None,
            advertiser: None,
            advertiser_id: None,
            pricing: None,
            categories: Vec::new(),
            expires_s: None,
            vast_ad_tag_uri: None,
            follow_additional_wrappers: None,
            allow_multiple_ads: None,
            fallback_on_no_ad: None,
            blocked_categories: Vec::new(),
            impressions: Vec::new(),
            errors: Vec::new(),
            wrappers: Vec::new(),
            creatives: Vec::new(),
            selected_media: None,
            verifications: Vec::new(),
            viewable_impression: None,
            surveys: Vec::new(),
            extensions: Vec::new(),
        }
    }
}

/// A wrapper above an ad.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct WrapperStep<'a> {
    /// The number of the document with the wrapper. 0 is the source's own document.
    pub hop: u32,
    /// The URL of that document, after redirects.
    pub url: &'a str,
    /// The ad system that served the wrapper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_system: Option<&'a str>,
    /// The version of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<&'a str>,
    /// `Ad@id` of the wrapper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_id: Option<&'a str>,
    /// The HTTP status of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long the request for the document took, with retries.
    pub elapsed_ms: f64,
}

impl<'a> From<&'a WrapperLevel> for WrapperStep<'a> {
    fn from(level: &'a WrapperLevel) -> Self {
        Self {
            hop: level.document.hop,
            url: &level.document.url,
            ad_system: level.wrapper.ad_system.as_ref().map(|system| &*system.name),
            version: level.document.version.as_deref(),
            ad_id: level.ad_id.as_deref(),
            status: level.document.status,
            elapsed_ms: milliseconds::measured(level.document.elapsed),
        }
    }
}

/// The price of an impression (VAST 4.3 section 3.4.8).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Pricing<'a> {
    /// The price as a decimal number, as written. It may be encrypted.
    pub value: &'a str,
    /// `CPM`, `CPC`, `CPE` or `CPV`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<&'a str>,
    /// The currency: three letters of ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<&'a str>,
}

impl<'a> From<&'a model::Pricing> for Pricing<'a> {
    fn from(pricing: &'a model::Pricing) -> Self {
        Self { value: &pricing.value, model: pricing.model.as_deref(), currency: pricing.currency.as_deref() }
    }
}

/// A category of the content, from the list of an authority (VAST 4.3 section 3.4.5).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Category<'a> {
    /// The code.
    pub value: &'a str,
    /// The authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<&'a str>,
}

impl<'a> From<&'a model::Category> for Category<'a> {
    fn from(category: &'a model::Category) -> Self {
        Self { value: &category.value, authority: category.authority.as_deref() }
    }
}

/// Categories that the ad below a wrapper must not have (VAST 4.3 section 3.19.2).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct BlockedCategories<'a> {
    /// The codes.
    pub categories: Vec<&'a str>,
    /// The authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<&'a str>,
}

impl<'a> From<&'a model::BlockedAdCategories> for BlockedCategories<'a> {
    fn from(blocked: &'a model::BlockedAdCategories) -> Self {
        let categories = blocked.categories.iter().map(|category| &**category).collect();
        Self { categories, authority: blocked.authority.as_deref() }
    }
}

/// A questionnaire (VAST 4.3 section 3.4.9).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Survey<'a> {
    /// The URL of the questionnaire.
    pub url: &'a str,
    /// The MIME type.
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<&'a str>,
}

impl<'a> From<&'a model::Survey> for Survey<'a> {
    fn from(survey: &'a model::Survey) -> Self {
        Self { url: &survey.url, mime_type: survey.survey_type.as_deref() }
    }
}
