//! Creatives.

use schemars::JsonSchema;
use serde::Serialize;
use vast_xml::model;

use super::companion::{self, Companion};
use super::extension::Extension;
use super::linear::Linear;
use super::non_linear::NonLinear;
use super::tracker::TrackingEvents;
use crate::ad::{Inherited, ResolvedAd};

/// One part of an ad (VAST 4.3 section 3.7).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Creative<'a> {
    /// The ad server's name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// `adId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_id: Option<&'a str>,
    /// The order inside this one ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
    /// The interface it needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_framework: Option<&'a str>,
    /// Names that hold across ad servers.
    pub universal_ad_ids: Vec<UniversalAdId<'a>>,
    /// What plays in place of the content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linear: Option<Linear<'a>>,
    /// What is shown beside the player.
    pub companions: Vec<Companion<'a>>,
    /// How many companions must be shown: `all`, `any`, `none`, or what the document says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub companions_required: Option<&'a str>,
    /// What is shown over the content.
    pub non_linears: Vec<NonLinear<'a>>,
    /// Trackers by event of whichever of `non_linears` is shown.
    pub non_linear_tracking_events: TrackingEvents<'a>,
    /// What the standard leaves to others.
    pub extensions: Vec<Extension<'a>>,
}

impl<'a> Creative<'a> {
    /// As it stands in its own document.
    pub(super) fn own(creative: &'a model::Creative) -> Self {
        Self::with(creative, 0, creative.linear.as_ref().map(Linear::own))
    }

    /// As part number `index` of a resolved ad.
    pub(super) fn resolved(creative: &'a model::Creative, ad: &'a ResolvedAd, index: usize) -> Self {
        let linear = creative.linear.as_ref().map(|linear| Linear::resolved(linear, ad, index));
        Self::with(creative, ad.hop(), linear)
    }

    /// The companions of a wrapper of document `hop`, which go with the ad below it.
    pub(super) fn companions_only(creative: &'a model::Creative, hop: u32) -> Self {
        Self {
            universal_ad_ids: Vec::new(),
            non_linears: Vec::new(),
            non_linear_tracking_events: TrackingEvents::default(),
            extensions: Vec::new(),
            ..Self::with(creative, hop, None)
        }
    }

    fn with(creative: &'a model::Creative, hop: u32, linear: Option<Linear<'a>>) -> Self {
        let companion_ads = creative.companion_ads.as_ref();
        let companions = companion_ads.map(|ads| &*ads.companions).unwrap_or_default();
        let non_linear_ads = creative.non_linear_ads.as_ref();
        let non_linears = non_linear_ads.map(|ads| &*ads.non_linears).unwrap_or_default();
        Self {
            id: creative.id.as_deref(),
            ad_id: creative.ad_id.as_deref(),
            sequence: creative.sequence,
            api_framework: creative.api_framework.as_deref(),
            universal_ad_ids: creative.universal_ad_ids.iter().map(UniversalAdId::from).collect(),
            linear,
            companions: companions.iter().map(|item| Inherited { hop, item }.into()).collect(),
            companions_required: companion_ads.and_then(|ads| ads.required.as_ref()).map(companion::required),
            non_linears: non_linears.iter().map(|item| Inherited { hop, item }.into()).collect(),
            non_linear_tracking_events: non_linear_ads
                .map(|ads| TrackingEvents::own(&ads.tracking_events, hop))
                .unwrap_or_default(),
            extensions: Extension::list(&creative.creative_extensions, hop),
        }
    }
}

/// A name for the creative that holds across ad servers (VAST 4.3 section 3.7.1).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct UniversalAdId<'a> {
    /// Who gives the ids out, such as `ad-id.org`.
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
