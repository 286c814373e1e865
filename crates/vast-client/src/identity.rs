//! Who asks, and for whom: the values and headers that a request tells the servers of a source's tree.

use std::sync::Arc;

use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use vast_xml::macros::{Macro, Value, Values};

use crate::disclosure::Disclosure;
use crate::request::{AdRequest, Consent, Device};

/// What we call ourselves, in all requests of a plan.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// What is told in a request for no viewer in particular, shared by all of them.
    anonymous: Disclosure,
}

impl Identity {
    pub(crate) fn new(user_agent: HeaderValue) -> Self {
        let mut values = Values::new();
        // We ask on our own; a host that passes on a device's request says so with `SERVERSIDE=1`.
        values.set(Macro::ServerSide, Value::text("2"));
        if let Ok(user_agent) = user_agent.to_str() {
            values.set(Macro::ServerUa, Value::text(user_agent.to_owned()));
        }
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(USER_AGENT, user_agent);
        headers.insert(ACCEPT, HeaderValue::from_static("application/xml, text/xml, */*;q=0.1"));
        Self { anonymous: Disclosure { values: Arc::new(values), headers: Arc::new(headers) } }
    }

    /// All that the host says in `request`.
    pub(crate) fn disclose(&self, request: &AdRequest) -> Disclosure {
        let AdRequest { device, consent, macros, .. } = request;
        let is_silent = *device == Device::default() && *consent == Consent::default() && macros.is_empty();
        if is_silent {
            return self.anonymous.clone();
        }
        let values = Arc::new(values(request, &self.anonymous.values));
        Disclosure { values, headers: headers(device, &self.anonymous.headers) }
    }
}

fn values(request: &AdRequest, anonymous: &Arc<Values>) -> Values {
    let AdRequest { device, consent, macros, .. } = request;
    let mut values = Values::over(anonymous);
    if let Some(ip) = device.ip {
        values.set(Macro::DeviceIp, Value::text(ip.to_string()));
    }
    for (name, value) in [(Macro::DeviceUa, &device.user_agent)] {
        if let Some(value) = value {
            values.set(name, Value::text(value.clone()));
        }
    }
    set_consent(&mut values, consent);
    for (name, value) in macros {
        match Macro::from_name(name) {
            Some(known) => drop(values.set(known, given(known, value))),
            None => drop(values.declare(name.as_str(), value.as_str())),
        }
    }
    values
}

fn set_consent(values: &mut Values, consent: &Consent) {
    let regulations = [("gdpr", consent.gdpr), ("coppa", consent.coppa)];
    let regulations = regulations.into_iter().filter(|(_, applies)| *applies == Some(true)).map(|(name, _)| name);
    values.set(Macro::Regulations, Value::list(regulations));
    if let Some(consent) = &consent.gdpr_consent {
        values.set(Macro::GdprConsent, Value::text(consent.clone()));
    }
    if let Some(gpp) = &consent.gpp {
        values.set(Macro::GppString, Value::text(gpp.clone()));
    }
    values.set(Macro::GppSectionId, Value::list(consent.gpp_sections.iter().map(u16::to_string)));
    if let Some(limited) = consent.limit_ad_tracking {
        values.set(Macro::LimitAdTracking, Value::text(if limited { "1" } else { "0" }));
    }
}

/// A value as a host writes it, in the form its macro wants: commas divide lists and belong to coordinates.
pub(crate) fn given(name: Macro, value: &str) -> Value<'static> {
    match name {
        Macro::LatLong | Macro::PlayerSize | Macro::ClickPos => Value::separated(value.to_owned()),
        Macro::Regulations
        | Macro::MediaMime
        | Macro::ApiFrameworks
        | Macro::VastVersions
        | Macro::BlockedAdCategories
        | Macro::AdCategories
        | Macro::Extensions
        | Macro::VerificationVendors
        | Macro::PlayerCapabilities
        | Macro::PlayerState
        | Macro::InventoryState
        | Macro::PlaybackMethods
        | Macro::GppSectionId
        | Macro::DsaParams
        | Macro::ContentCat
        | Macro::UniversalAdId => Value::list(value.split(',').map(|item| item.trim().to_owned())),
        _ => Value::text(value.to_owned()),
    }
}

/// The headers that every request carries (VAST 4.3 section 1.1.3).
fn headers(device: &Device, anonymous: &Arc<HeaderMap>) -> Arc<HeaderMap> {
    if *device == Device::default() {
        return Arc::clone(anonymous);
    }
    let mut headers = HeaderMap::clone(anonymous);
    let ip = device.ip.map(|ip| ip.to_string());
    for (name, value) in [
        ("x-device-ip", &ip),
        ("x-device-user-agent", &device.user_agent),
        ("x-device-referer", &device.referer),
        ("x-device-accept-language", &device.accept_language),
        ("x-device-requested-with", &device.requested_with),
    ] {
        // What cannot stand in a header cannot have come in one; a value with a line break is an attack.
        if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    Arc::new(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r017_r018_r019_the_device_goes_with_every_request() {
        let device = Device {
            ip: Some([203, 0, 113, 9].into()),
            user_agent: Some("TV/1".into()),
            referer: Some("https://page.example/\r\nX-Admin: 1".into()),
            accept_language: Some("de".into()),
            requested_with: None,
        };
        let identity = Identity::new(HeaderValue::from_static("vast-client/1"));
        let headers = identity.disclose(&AdRequest { device, ..AdRequest::default() }).headers;
        let mut shown: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("?"))).collect();
        shown.sort();
        let expected = [
            "accept: application/xml, text/xml, */*;q=0.1",
            "user-agent: vast-client/1",
            "x-device-accept-language: de",
            "x-device-ip: 203.0.113.9",
            "x-device-user-agent: TV/1",
        ];
        assert_eq!(shown, expected);
    }
}
