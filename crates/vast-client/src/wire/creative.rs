//! Creatives.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::model;

use super::companion::{self, Companion};
use super::extension::Extension;
use super::icon::Icon;
use super::linear::Linear;
use super::non_linear::NonLinear;
use super::tracker::TrackingEvents;
use crate::ad::{CompanionSet, Inherited, ResolvedAd};

/// A creative of an ad (VAST 4.3 section 3.7).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Creative<'a> {
    /// The ad server's id of the creative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// `adId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_id: Option<&'a str>,
    /// The position among the creatives of the ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
    /// The API that the creative needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_framework: Option<&'a str>,
    /// Ids that are the same at all ad servers.
    pub universal_ad_ids: Vec<UniversalAdId<'a>>,
    /// The linear ad, which plays in place of the content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linear: Option<Linear<'a>>,
    /// The companions, which are shown beside the player.
    pub companions: Vec<Companion<'a>>,
    /// How many companions must be shown: `all`, `any`, `none`, or another text of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub companions_required: Option<&'a str>,
    /// The nonlinear ads, which are shown over the content.
    pub non_linears: Vec<NonLinear<'a>>,
    /// Trackers by event. They apply to the nonlinear ad that is shown.
    pub non_linear_tracking_events: TrackingEvents<'a>,
    /// Icons to show over the nonlinear ad (VAST 4.4). Of several icons of one program, only the one nearest to the ad is
    /// listed.
    pub non_linear_icons: Vec<Icon<'a>>,
    /// Extensions.
    pub extensions: Vec<Extension<'a>>,
}

impl<'a> Creative<'a> {
    /// A creative of a single document, without wrappers.
    pub(super) fn own(creative: &'a model::Creative) -> Self {
        let companions = creative.companion_ads.iter().flat_map(|ads| &ads.companions);
        let non_linear_ads = creative.non_linear_ads.as_ref();
        let non_linears = non_linear_ads.map(|ads| &*ads.non_linears).unwrap_or_default();
        Self {
            linear: creative.linear.as_ref().map(Linear::own),
            companions: companions.map(|item| Inherited { hop: 0, item }.into()).collect(),
            non_linears: non_linears.iter().map(|item| Inherited { hop: 0, item }.into()).collect(),
            non_linear_tracking_events: non_linear_ads
                .map(|ads| TrackingEvents::own(&ads.tracking_events, 0))
                .unwrap_or_default(),
            non_linear_icons: non_linear_ads
                .map(|ads| ads.icons.iter().map(|item| Inherited { hop: 0, item }.into()).collect())
                .unwrap_or_default(),
            ..Self::without_parts(creative, 0)
        }
    }

    /// The creatives of a resolved ad, followed by the companions of its wrappers, nearest first.
    pub(super) fn merged(ad: &'a ResolvedAd) -> Vec<Self> {
        let mut own: Vec<Self> = ad
            .inline
            .creatives
            .iter()
            .enumerate()
            .map(|(index, creative)| Self::resolved(creative, ad, index))
            .collect();
        let with_companions = ad.inline.creatives.iter().enumerate().filter(|(_, part)| part.companion_ads.is_some());
        let mut sets = ad.companions().into_iter();
        for ((index, _), set) in with_companions.zip(&mut sets) {
            own[index].companions = set.companions.iter().map(Companion::from).collect();
        }
        own.extend(sets.map(|set| Self::companions_only(&set)));
        own
    }

    /// Creative number `index` of a resolved ad, without companions.
    fn resolved(creative: &'a model::Creative, ad: &'a ResolvedAd, index: usize) -> Self {
        let non_linears = creative.non_linear_ads.iter().flat_map(|ads| &ads.non_linears).enumerate();
        let icons = ad.icons(index).into_iter().map(Icon::from).collect();
        Self {
            linear: creative.linear.as_ref().map(|linear| Linear::resolved(linear, ad, index)),
            non_linears: non_linears.map(|(place, item)| NonLinear::resolved(item, ad, index, place)).collect(),
            non_linear_tracking_events: ad.non_linear_tracking(index).collect(),
            non_linear_icons: if creative.linear.is_none() { icons } else { Vec::new() },
            ..Self::without_parts(creative, ad.hop())
        }
    }

    /// A creative with only the companions of a wrapper, which are shown with the ad below the wrapper.
    fn companions_only(set: &CompanionSet<'a>) -> Self {
        Self {
            companions: set.companions.iter().map(Companion::from).collect(),
            universal_ad_ids: Vec::new(),
            extensions: Vec::new(),
            ..Self::without_parts(set.creative.item, set.creative.hop)
        }
    }

    fn without_parts(creative: &'a model::Creative, hop: u32) -> Self {
        let companion_ads = creative.companion_ads.as_ref();
        Self {
            id: creative.id.as_deref(),
            ad_id: creative.ad_id.as_deref(),
            sequence: creative.sequence,
            api_framework: creative.api_framework.as_deref(),
            universal_ad_ids: creative.universal_ad_ids.iter().map(UniversalAdId::from).collect(),
            linear: None,
            companions: Vec::new(),
            companions_required: companion_ads.and_then(|ads| ads.required.as_ref()).map(companion::required),
            non_linears: Vec::new(),
            non_linear_tracking_events: TrackingEvents::default(),
            non_linear_icons: Vec::new(),
            extensions: Extension::list(&creative.creative_extensions, hop),
        }
    }
}

/// An id of the creative that is the same at all ad servers (VAST 4.3 section 3.7.1).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct UniversalAdId<'a> {
    /// The registry that issued the id, for example `ad-id.org`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<&'a str>,
    /// The id.
    pub value: &'a str,
}

impl<'a> From<&'a model::UniversalAdId> for UniversalAdId<'a> {
    fn from(id: &'a model::UniversalAdId) -> Self {
        Self { registry: id.registry.as_deref(), value: &id.value }
    }
}
