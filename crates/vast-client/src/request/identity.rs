//! The macro values and headers that the servers of a source's tree receive.

use std::sync::Arc;

use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use vast_xml::macros::{Macro, Value, Values};

use super::ad_request::{AdRequest, Consent, Device};
use super::disclosure::Disclosure;
use super::privacy::{IfaPolicy, Privacy};

/// The identity of this client in all requests of a plan.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The macro values and headers of requests without viewer data, shared by all of them.
    anonymous: Disclosure,
}

impl Identity {
    pub(crate) fn new(user_agent: HeaderValue) -> Self {
        let mut values = Values::new();
        // `2` means that the server asks on its own. A host that passes on a device's request sets `SERVERSIDE=1`.
        values.set(Macro::ServerSide, Value::text("2"));
        if let Ok(user_agent) = user_agent.to_str() {
            values.set(Macro::ServerUa, Value::text(user_agent.to_owned()));
        }
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(USER_AGENT, user_agent);
        headers.insert(ACCEPT, HeaderValue::from_static("application/xml, text/xml, */*;q=0.1"));
        Self { anonymous: Disclosure { values: Arc::new(values), headers: Arc::new(headers) } }
    }

    /// What the servers of this source's tree receive of the data in `request`. This is the only place that applies
    /// [`Privacy`].
    pub(crate) fn disclose(&self, request: &AdRequest, privacy: &Privacy, source: &str) -> Disclosure {
        let AdRequest { device, consent, macros, .. } = request;
        let is_silent = *device == Device::default() && *consent == Consent::default() && macros.is_empty();
        if is_silent {
            return self.anonymous.clone();
        }
        let mut values = values(request, &self.anonymous.values);
        gate(&mut values, request, privacy, source);
        Disclosure { values: Arc::new(values), headers: headers(device, privacy, &self.anonymous.headers) }
    }
}

/// The macro values of all data that the host gives.
fn values(request: &AdRequest, anonymous: &Arc<Values>) -> Values {
    let AdRequest { device, consent, macros, .. } = request;
    let mut values = Values::over(anonymous);
    let ip = device.ip.map(|ip| ip.to_string());
    for (name, value) in [
        (Macro::DeviceIp, &ip),
        (Macro::DeviceUa, &device.user_agent),
        (Macro::Ifa, &device.ifa),
        (Macro::IfaType, &device.ifa_type),
    ] {
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

/// Removes or changes the values that the source must not receive. It makes no difference whether the host gave a value as
/// a field or as a macro.
fn gate(values: &mut Values, request: &AdRequest, privacy: &Privacy, source: &str) {
    let salt = privacy.ifa_salt.as_deref().unwrap_or(source);
    let ifa = if request.withholds_ifa() { IfaPolicy::Drop } else { privacy.ifa };
    limit(values, Macro::DeviceIp, |ip| privacy.ip.apply_text(ip));
    limit(values, Macro::DeviceUa, |user_agent| privacy.user_agent.apply(user_agent));
    limit(values, Macro::Ifa, |id| ifa.apply(id, salt));
    limit(values, Macro::IfaType, |kind| (ifa != IfaPolicy::Drop).then(|| kind.to_owned()));
}

fn limit(values: &mut Values, name: Macro, policy: impl Fn(&str) -> Option<String>) {
    if let Some(Value::Text(text)) = values.get(name) {
        let told = policy(text).map_or(Value::Withheld, Value::text);
        values.set(name, told);
    }
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

/// Converts a value that the host wrote as text to the type of its macro: commas separate the items of lists and the parts
/// of coordinates.
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

/// The headers of every request (VAST 4.3 section 1.1.3), as far as the source may receive them.
fn headers(device: &Device, privacy: &Privacy, anonymous: &Arc<HeaderMap>) -> Arc<HeaderMap> {
    if *device == Device::default() {
        return Arc::clone(anonymous);
    }
    let mut headers = HeaderMap::clone(anonymous);
    for (name, value) in &device.headers {
        if let Ok(name) = HeaderName::try_from(format!("x-device-{name}")) {
            insert(&mut headers, name, Some(value));
        }
    }
    let ip = device.ip.and_then(|ip| privacy.ip.apply(ip)).map(|ip| ip.to_string());
    let user_agent = device.user_agent.as_deref().and_then(|user_agent| privacy.user_agent.apply(user_agent));
    for (name, value) in [
        ("x-device-ip", ip.as_deref()),
        ("x-forwarded-for", ip.as_deref().filter(|_| privacy.forward_for)),
        ("x-device-user-agent", user_agent.as_deref()),
        ("x-device-referer", device.referer.as_deref()),
        ("x-device-accept-language", device.accept_language.as_deref()),
        ("x-device-requested-with", device.requested_with.as_deref()),
    ] {
        insert(&mut headers, HeaderName::from_static(name), value);
    }
    Arc::new(headers)
}

/// Sets a header to one value. A header without a value is not sent. A value that is not allowed in a header is left out: a
/// value with a line break is an attack.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<&str>) {
    match value.and_then(|value| HeaderValue::from_str(value).ok()) {
        Some(value) => drop(headers.insert(name, value)),
        None => drop(headers.remove(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r017_r018_r019_r020_r022_the_device_goes_with_every_request() {
        let device = Device {
            ip: Some([203, 0, 113, 9].into()),
            user_agent: Some("TV/1".into()),
            referer: Some("https://page.example/\r\nX-Admin: 1".into()),
            accept_language: Some("de".into()),
            headers: vec![("DNT".into(), "1".into()), ("a b".into(), "2".into()), ("IP".into(), "10.0.0.1".into())],
            ..Device::default()
        };
        let identity = Identity::new(HeaderValue::from_static("vast-client/1"));
        let headers = identity.disclose(&AdRequest { device, ..AdRequest::default() }, &Privacy::default(), "").headers;
        let mut shown: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("?"))).collect();
        shown.sort();
        let expected = [
            "accept: application/xml, text/xml, */*;q=0.1",
            "user-agent: vast-client/1",
            "x-device-accept-language: de",
            "x-device-dnt: 1",
            "x-device-ip: 203.0.113.9",
            "x-device-user-agent: TV/1",
        ];
        assert_eq!(shown, expected);
    }
}
