//! What is known of a document without its wrappers, as JSON.

use schemars::JsonSchema;
use serde::Serialize;
use vast_client::{ErrorType, FetchResult};

use crate::answer;

/// What is known of a document without its wrappers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Unwrapped<'a> {
    /// Whether there is a usable ad.
    valid: bool,
    /// Whether every server answered and none had an ad.
    empty: bool,
    /// The version of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    /// The number of wrappers of the deepest ad.
    depth: usize,
    /// The usable ads, in order of play.
    ads: Vec<UnwrappedAd<'a>>,
    /// The types of the failures, in order of time.
    errors: Vec<&'static str>,
}

/// A usable ad of the document.
#[derive(Debug, Serialize, JsonSchema)]
struct UnwrappedAd<'a> {
    /// `Ad@id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    /// `AdSystem`.
    #[serde(skip_serializing_if = "Option::is_none")]
    ad_system: Option<&'a str>,
    /// `AdServingId`: identifies this serving of the ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    ad_serving_id: Option<&'a str>,
    /// `Advertiser`.
    #[serde(skip_serializing_if = "Option::is_none")]
    advertiser: Option<&'a str>,
    /// The running time in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    /// For how many seconds after the request the ad may be played.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_s: Option<u64>,
    /// The number of wrappers above the ad.
    wrappers: usize,
}

impl<'a> From<&'a FetchResult> for Unwrapped<'a> {
    fn from(result: &'a FetchResult) -> Self {
        let shown = answer::without_breaks(result);
        let ads = shown.ads.iter().map(|candidate| {
            let (ad, inline) = (&candidate.ad, &candidate.ad.inline);
            UnwrappedAd {
                id: ad.id.as_deref(),
                ad_system: inline.ad_system.as_ref().map(|system| &*system.name),
                ad_serving_id: inline.ad_serving_id.as_deref(),
                advertiser: inline.advertiser.as_ref().map(|advertiser| &*advertiser.name),
                duration_ms: candidate.duration().map(|length| u64::try_from(length.as_millis()).unwrap_or(u64::MAX)),
                expires_s: inline.expires,
                wrappers: ad.wrappers.len(),
            }
        });
        let is_no_ad = |kind| matches!(kind, ErrorType::NoAd | ErrorType::WrapperNoAd);
        Self {
            valid: result.success,
            empty: !result.success && result.errors.iter().all(|error| is_no_ad(error.failure.error_type)),
            version: shown.document.as_ref().and_then(|document| document.version.as_deref()),
            depth: shown.ads.iter().map(|candidate| candidate.ad.wrappers.len()).max().unwrap_or_default(),
            ads: ads.collect(),
            errors: result.errors.iter().map(|error| error.failure.error_type.as_str()).collect(),
        }
    }
}
