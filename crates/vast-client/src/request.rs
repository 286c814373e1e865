//! For whom and for what an ad is asked, per call.

use std::net::IpAddr;
use std::time::Duration;

use crate::select::Slot;

/// For whom and for what: what differs from call to call while the [`Plan`](crate::Plan) stays. It travels into the
/// [`FetchResult`](crate::FetchResult), so that beacons sent later carry the same values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdRequest {
    /// The device that will play the ad.
    pub device: Device,
    /// What the viewer agreed to.
    pub consent: Consent,
    /// Macro values by name, without brackets: names of the IAB registry are filled in every URL; other names only in the
    /// operator's own tags, so that no ad can read them.
    pub macros: Vec<(String, String)>,
    /// The place to fill.
    pub slot: Slot,
    /// What decides the order of [`Order::Split`](crate::schedule::Order::Split), usually a viewer's or session's id.
    pub split_key: Option<String>,
    /// Makes everything random in this request repeatable. Default: drawn anew.
    pub seed: Option<u64>,
    /// Replaces the configuration's `timeout` for this call.
    pub timeout: Option<Duration>,
}

/// The device that plays, as VAST 4.3 section 1.1.3 wants it passed on by a server that asks for it. The values go with
/// every ad request and beacon as `X-Device-*` headers and fill `[DEVICEIP]` and `[DEVICEUA]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// The device's address: `X-Device-IP`.
    pub ip: Option<IpAddr>,
    /// The device's `User-Agent`: `X-Device-User-Agent`.
    pub user_agent: Option<String>,
    /// What the device would send as `Referer`: `X-Device-Referer`.
    pub referer: Option<String>,
    /// The device's `Accept-Language`: `X-Device-Accept-Language`.
    pub accept_language: Option<String>,
    /// The device's `X-Requested-With`: `X-Device-Requested-With`.
    pub requested_with: Option<String>,
}

/// What the viewer agreed to and which rules apply. Only what the host says is passed on; nothing is invented.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// Whether the GDPR applies: adds `gdpr` to `[REGULATIONS]`.
    pub gdpr: Option<bool>,
    /// Whether COPPA applies: adds `coppa` to `[REGULATIONS]`.
    pub coppa: Option<bool>,
    /// The TCF consent string: `[GDPRCONSENT]`.
    pub gdpr_consent: Option<String>,
    /// The GPP string: `[GPPSTRING]`.
    pub gpp: Option<String>,
    /// The applicable GPP sections: `[GPPSECTIONID]`.
    pub gpp_sections: Vec<u16>,
    /// Whether the viewer limits ad tracking: `[LIMITADTRACKING]`.
    pub limit_ad_tracking: Option<bool>,
}
