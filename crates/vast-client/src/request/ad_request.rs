//! For whom and for what an ad is asked, per call.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use super::slot::Slot;

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

impl AdRequest {
    /// Whether the advertising id must not be told: COPPA applies, or the viewer limits ad tracking.
    pub fn withholds_ifa(&self) -> bool {
        self.is_regulated(self.consent.coppa, "coppa")
            || self.consent.limit_ad_tracking == Some(true)
            || self.given("LIMITADTRACKING") == Some("1")
    }

    /// Whether the GDPR applies and no consent string is known. A GPP string that has the section of the EU's TCF is one.
    pub fn lacks_consent(&self) -> bool {
        let is_known = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        let Consent { gdpr, gdpr_consent, gpp, gpp_sections, .. } = &self.consent;
        let by_tcf = is_known(gdpr_consent.as_deref()) || is_known(self.given("GDPRCONSENT"));
        let by_gpp = is_known(gpp.as_deref()) && gpp_sections.contains(&GPP_TCF_EU);
        self.is_regulated(*gdpr, "gdpr") && !by_tcf && !by_gpp
    }

    /// Whether the host says so, as a field or as a macro.
    fn is_regulated(&self, field: Option<bool>, name: &str) -> bool {
        let listed = || self.given("REGULATIONS").is_some_and(|list| list.split(',').any(|one| one.trim() == name));
        field == Some(true) || listed()
    }

    fn given(&self, name: &str) -> Option<&str> {
        self.macros.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// The section of a GPP string that holds a TCF consent string of the EU.
const GPP_TCF_EU: u16 = 2;

/// The device that plays, as VAST 4.3 section 1.1.3 wants it passed on by a server that asks for it. The values go with
/// every ad request and beacon as `X-Device-*` headers and fill `[DEVICEIP]` and `[DEVICEUA]`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// The device's address: `X-Device-IP`, and `X-Forwarded-For` where
    /// [`forward_for`](crate::request::Privacy::forward_for) says so.
    pub ip: Option<IpAddr>,
    /// The device's `User-Agent`: `X-Device-User-Agent`.
    pub user_agent: Option<String>,
    /// What the device would send as `Referer`: `X-Device-Referer`.
    pub referer: Option<String>,
    /// The device's `Accept-Language`: `X-Device-Accept-Language`.
    pub accept_language: Option<String>,
    /// The device's `X-Requested-With`: `X-Device-Requested-With`.
    pub requested_with: Option<String>,
    /// The device's resettable advertising id: `[IFA]`. It never goes in a header.
    pub ifa: Option<String>,
    /// What kind of id that is, by the IAB's list: `[IFATYPE]`.
    pub ifa_type: Option<String>,
    /// Other headers of the device by name, each passed on as `X-Device-NAME`.
    pub headers: Vec<(String, String)>,
}

/// A viewer's data does not belong into logs: only what is known.
impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device")
            .field("ip", &self.ip.is_some())
            .field("user_agent", &self.user_agent.is_some())
            .field("ifa", &self.ifa.is_some())
            .finish_non_exhaustive()
    }
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
