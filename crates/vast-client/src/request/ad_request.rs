//! The viewer and the slot for which an ad is requested. They differ from call to call.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use vast_xml::macros::ForeignMacros;

use super::slot::Slot;
use crate::error::{ConfigError, ConfigKey, ConfigPath, check_entries};

/// The viewer and the slot of one call. These values differ from call to call, while the [`Plan`](crate::Plan) stays the
/// same. They are copied into the [`FetchResult`](crate::FetchResult), so that beacons sent later carry the same values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdRequest {
    /// The device that will play the ad.
    pub device: Device,
    /// The viewer's consent.
    pub consent: Consent,
    /// Macro values by name, without brackets. Names of the IAB registry are filled in every URL. Other names are filled in
    /// the operator's own tags only, so that no ad can read them.
    pub macros: Vec<(String, String)>,
    /// Macros that the standard does not define, by their literal tokens, such as `${AUCTION_PRICE}`. They are filled
    /// in every URL: own tags, wrappers and trackers. Default: none; tokens that are not declared are not replaced.
    pub foreign_macros: ForeignMacros,
    /// The slot to fill.
    pub slot: Slot,
    /// The key of [`SourceOrder::Split`](crate::SourceOrder::Split), usually the id of a viewer or session.
    pub split_key: Option<String>,
    /// The seed of all randomness in this request, for a repeatable request. Default: a random seed.
    pub seed: Option<u64>,
    /// Replaces the configuration's `timeout` for this call.
    pub timeout: Option<Duration>,
    /// Of a playlist (VMAP) only the breaks with this `breakId` are run. Default: all.
    pub break_id: Option<String>,
    /// The value of the header `CDN-Loop` (RFC 8586), which is sent with every request. A server that answers requests by making
    /// requests writes its name into it, so that it recognises a source that leads back to it. Default: the header is not sent.
    pub cdn_loop: Option<String>,
    /// The value of the header `traceparent` (W3C Trace Context), which is sent with every request for a document, so that the traces of
    /// ad servers continue that of the caller. Default: the header is not sent.
    pub traceparent: Option<String>,
}

impl<'a> From<&'a AdRequest> for Cow<'a, AdRequest> {
    fn from(request: &'a AdRequest) -> Self {
        Cow::Borrowed(request)
    }
}

impl From<AdRequest> for Cow<'_, AdRequest> {
    fn from(request: AdRequest) -> Self {
        Cow::Owned(request)
    }
}

impl AdRequest {
    /// Whether the request has data about a viewer.
    pub(crate) fn has_viewer(&self) -> bool {
        !self.device.is_unset() || !self.consent.is_unset()
    }

    /// This request, with the values of `configured` for all values that this request does not set. All entry points of
    /// a client combine the request of the configuration and that of the call in this way:
    ///
    /// - `device` is taken as a whole, because the values of two devices must not be mixed in one request;
    /// - `consent` and `slot` are taken value by value; a GPP string and its sections belong together;
    /// - `macros` and `foreign_macros` of both are used; if both have the same name, the value of this request is used;
    /// - every other field is taken from this request if it is set.
    #[must_use]
    pub fn or<'a>(&'a self, configured: &'a Self) -> Cow<'a, Self> {
        static UNSET: LazyLock<AdRequest> = LazyLock::new(AdRequest::default);
        let unset = &*UNSET;
        if configured == unset {
            return Cow::Borrowed(self);
        }
        if self == unset {
            return Cow::Borrowed(configured);
        }
        let device = if self.device == unset.device { &configured.device } else { &self.device };
        Cow::Owned(Self {
            device: device.clone(),
            consent: self.consent.or(&configured.consent),
            macros: [&*configured.macros, &*self.macros].concat(),
            foreign_macros: self.foreign_macros.or(&configured.foreign_macros),
            slot: self.slot.or(&configured.slot),
            split_key: self.split_key.clone().or_else(|| configured.split_key.clone()),
            seed: self.seed.or(configured.seed),
            timeout: self.timeout.or(configured.timeout),
            break_id: self.break_id.clone().or_else(|| configured.break_id.clone()),
            cdn_loop: self.cdn_loop.clone().or_else(|| configured.cdn_loop.clone()),
            traceparent: self.traceparent.clone().or_else(|| configured.traceparent.clone()),
        })
    }

    /// Checks the settings that a configuration gives for all requests. Those of a single request are not checked.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the key and what would be right.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.slot.check()?;
        check_entries(&ConfigKey::Macros.into(), self.macros.iter().map(|(name, _)| name))?;
        for (name, value) in &self.device.headers {
            let path = || ConfigPath::from(ConfigKey::DeviceHeaders).entry(name);
            let problem = match (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str())) {
                (Err(_), _) => "is not a header name: letters, digits and dashes",
                (_, Err(_)) => "holds a control character: a header is one line",
                _ => continue,
            };
            return Err(ConfigError::new(path(), problem));
        }
        Ok(())
    }

    /// Whether the advertising id must be withheld: COPPA applies, or the viewer limits ad tracking.
    pub fn withholds_ifa(&self) -> bool {
        self.is_regulated(self.consent.coppa, "coppa")
            || self.consent.limit_ad_tracking == Some(true)
            || self.given("LIMITADTRACKING") == Some("1")
    }

    /// Whether the GDPR applies and there is no consent string. A GPP string with the section of the EU's TCF counts as
    /// a consent string.
    pub fn lacks_consent(&self) -> bool {
        let is_known = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        let Consent { gdpr, gdpr_consent, gpp, gpp_sections, .. } = &self.consent;
        let by_tcf = is_known(gdpr_consent.as_deref()) || is_known(self.given("GDPRCONSENT"));
        let by_gpp = is_known(gpp.as_deref()) && gpp_sections.contains(&GPP_TCF_EU);
        self.is_regulated(*gdpr, "gdpr") && !by_tcf && !by_gpp
    }

    /// Whether the field or the macro says that the regulation applies.
    fn is_regulated(&self, field: Option<bool>, name: &str) -> bool {
        let listed = || self.given("REGULATIONS").is_some_and(|list| list.split(',').any(|one| one.trim() == name));
        field == Some(true) || listed()
    }

    fn given(&self, name: &str) -> Option<&str> {
        self.macros.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// The GPP section that holds a TCF consent string of the EU.
const GPP_TCF_EU: u16 = 2;

/// The device that plays the ad. If a server requests the ad for the device, ad servers need these data (VAST 4.3
/// section 1.1.3). The values are sent with every ad request and beacon as `X-Device-*` headers and fill `[DEVICEIP]`
/// and `[DEVICEUA]`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// The device's address: `X-Device-IP`, and also `X-Forwarded-For` if
    /// [`forward_for`](crate::request::Privacy::forward_for) is set.
    pub ip: Option<IpAddr>,
    /// The device's `User-Agent`: `X-Device-User-Agent`.
    pub user_agent: Option<String>,
    /// The `Referer` that the device would send: `X-Device-Referer`.
    pub referer: Option<String>,
    /// The device's `Accept-Language`: `X-Device-Accept-Language`.
    pub accept_language: Option<String>,
    /// The device's `X-Requested-With`: `X-Device-Requested-With`.
    pub requested_with: Option<String>,
    /// The device's resettable advertising id: `[IFA]`. It is never sent as a header.
    pub ifa: Option<String>,
    /// The kind of the advertising id, from the IAB's list: `[IFATYPE]`.
    pub ifa_type: Option<String>,
    /// Other headers of the device by name. Each is sent as `X-Device-NAME`.
    pub headers: Vec<(String, String)>,
}

impl Device {
    /// Whether nothing of the device is known. It is asked for each request, and is much faster than a comparison with the default.
    pub(super) fn is_unset(&self) -> bool {
        let Self { ip, user_agent, referer, accept_language, requested_with, ifa, ifa_type, headers } = self;
        let texts = [user_agent, referer, accept_language, requested_with, ifa, ifa_type];
        ip.is_none() && texts.into_iter().all(Option::is_none) && headers.is_empty()
    }
}

/// Logs must not contain personal data, so only whether a field is set is shown.
impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device")
            .field("ip", &self.ip.is_some())
            .field("user_agent", &self.user_agent.is_some())
            .field("ifa", &self.ifa.is_some())
            .finish_non_exhaustive()
    }
}

/// The viewer's consent and the regulations that apply. Only values that the host sets are sent, except
/// `[LIMITADTRACKING]`, for which the standard requires a value.
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
    /// Whether the viewer limits ad tracking: `[LIMITADTRACKING]`. Default: 1 for a source from which the advertising id is
    /// withheld (COPPA applies, or [`IfaPolicy::Drop`](super::IfaPolicy::Drop)), else 0.
    ///
    /// The macro is required, and the registry of macros defines only 1 and 0 for it (`-1` for "unknown" is for optional
    /// macros). So 0 means "the viewer does not limit it, or it is not known". If you do not know it and want servers to
    /// assume that the viewer limits tracking, set `Some(true)`.
    pub limit_ad_tracking: Option<bool>,
}

impl Consent {
    /// Whether nothing is known of the consent.
    pub(super) fn is_unset(&self) -> bool {
        let Self { gdpr, coppa, gdpr_consent, gpp, gpp_sections, limit_ad_tracking } = self;
        gdpr.or(*coppa).or(*limit_ad_tracking).is_none()
            && gdpr_consent.is_none()
            && gpp.is_none()
            && gpp_sections.is_empty()
    }

    fn or(&self, configured: &Self) -> Self {
        let has_gpp = self.gpp.is_some() || !self.gpp_sections.is_empty();
        let gpp = if has_gpp { self } else { configured };
        Self {
            gdpr: self.gdpr.or(configured.gdpr),
            coppa: self.coppa.or(configured.coppa),
            gdpr_consent: self.gdpr_consent.clone().or_else(|| configured.gdpr_consent.clone()),
            gpp: gpp.gpp.clone(),
            gpp_sections: gpp.gpp_sections.clone(),
            limit_ad_tracking: self.limit_ad_tracking.or(configured.limit_ad_tracking),
        }
    }
}
