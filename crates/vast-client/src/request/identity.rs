//! The macro values and headers that the servers of a source's tree receive.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_ENCODING, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use vast_xml::macros::{Macro, Value, ValueForm, ValueSource, Values};

use super::ad_request::{AdRequest, Consent, Device};
use super::disclosure::Disclosure;
use super::privacy::{IfaPolicy, IpPolicy, Privacy, UserAgentPolicy};
use super::slot::Slot;
use crate::transport::ACCEPTED_ENCODINGS;

// The headers of a request. As constants, because a name that is made anew is checked letter by letter.
const DEVICE_IP: HeaderName = HeaderName::from_static("x-device-ip");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const DEVICE_USER_AGENT: HeaderName = HeaderName::from_static("x-device-user-agent");
const DEVICE_REFERER: HeaderName = HeaderName::from_static("x-device-referer");
const DEVICE_LANGUAGE: HeaderName = HeaderName::from_static("x-device-accept-language");
const DEVICE_REQUESTED_WITH: HeaderName = HeaderName::from_static("x-device-requested-with");
const CDN_LOOP: HeaderName = HeaderName::from_static("cdn-loop");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// How many they are.
const MOST_HEADERS: usize = 8;

/// The identity of this client in all requests of a plan.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The macro values and headers of requests without data about a viewer or a slot, shared by all of them.
    anonymous: Disclosure,
}

impl Identity {
    pub(crate) fn new(user_agent: HeaderValue) -> Self {
        let mut values = Values::new();
        // `2` means that a server requests on its own behalf. A host that forwards a device's request sets
        // `SERVERSIDE=1`.
        values.set_text(Macro::ServerSide, "2");
        values.set_text(Macro::LimitAdTracking, "0");
        if let Ok(user_agent) = user_agent.to_str() {
            values.set_text(Macro::ServerUa, user_agent);
        }
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(USER_AGENT, user_agent);
        headers.insert(ACCEPT, HeaderValue::from_static("application/xml, text/xml, */*;q=0.1"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED_ENCODINGS));
        Self { anonymous: Disclosure { values: Arc::new(values), headers: Arc::new(headers) } }
    }

    /// Sets the macros for the shortest and the longest ad that the plan accepts, in whole seconds within these bounds.
    pub(crate) fn with_ad_length(mut self, shortest: Option<Duration>, longest: Option<Duration>) -> Self {
        let values = Arc::make_mut(&mut self.anonymous.values);
        for (name, seconds) in [
            (Macro::BreakMinAdLength, shortest.map(seconds_rounded_up)),
            (Macro::BreakMaxAdLength, longest.map(|length| length.as_secs())),
        ] {
            if let Some(seconds) = seconds {
                values.set_text(name, &seconds.to_string());
            }
        }
        self
    }

    /// The headers of a beacon for an event that `device` reports, under the rules of a source.
    pub(crate) fn headers(&self, device: &Device, privacy: &Privacy) -> Arc<HeaderMap> {
        headers(device, RequestHeaders::default(), privacy, &self.anonymous.headers)
    }

    /// The data of `request` that the servers of this source's tree receive. This is the only place that applies
    /// [`Privacy`].
    pub(crate) fn disclose(&self, request: &AdRequest, privacy: &Privacy, source: &str) -> Disclosure {
        if has_no_values(request) && privacy.ifa != IfaPolicy::Drop {
            return self.anonymous.clone();
        }
        let mut values = values(request, privacy, &self.anonymous.values);
        gate(&mut values, request, privacy, source);
        Disclosure {
            values: Arc::new(values),
            headers: headers(&request.device, RequestHeaders::of(request), privacy, &self.anonymous.headers),
        }
    }
}

/// Whether the request has neither macro values nor headers.
fn has_no_values(request: &AdRequest) -> bool {
    let AdRequest { device, consent, slot, macros, foreign_macros, cdn_loop, traceparent, .. } = request;
    let Slot { break_duration, break_min, max_ad_duration, min_ad_duration, max_ads, api_frameworks, .. } = slot;
    let has_slot = break_duration.or(*break_min).or(*max_ad_duration).or(*min_ad_duration).is_some()
        || max_ads.is_some()
        || !api_frameworks.is_empty();
    device.is_unset()
        && consent.is_unset()
        && !has_slot
        && macros.is_empty()
        && foreign_macros.is_empty()
        && cdn_loop.is_none()
        && traceparent.is_none()
}

/// All macro values of the request, before [`gate`] removes some. A value in `macros` overrides the value of a field.
fn values(request: &AdRequest, privacy: &Privacy, anonymous: &Arc<Values>) -> Values {
    // Each request goes through them.
    static OF_REQUEST: LazyLock<Vec<Macro>> = LazyLock::new(|| {
        let of_request =
            |name: &&Macro| matches!(name.source(), ValueSource::Device | ValueSource::Consent | ValueSource::Slot);
        Macro::ALL.iter().filter(of_request).copied().collect()
    });
    let mut values = Values::over(anonymous);
    for name in &*OF_REQUEST {
        match field(*name, request, privacy) {
            Some(value) if name.form() == ValueForm::Text => drop(values.set(*name, Value::text(value))),
            Some(value) => drop(values.set_text(*name, &value)),
            None => {}
        }
    }
    let of_plan = |name| match values.get(name) {
        Some(Value::Text(seconds)) => seconds.parse::<u64>().ok(),
        _ => None,
    };
    let longest = request.slot.max_ad_duration.map(|longest| longest.as_secs());
    let longest = longest.map(|longest| of_plan(Macro::BreakMaxAdLength).map_or(longest, |plan| plan.min(longest)));
    let shortest = request.slot.min_ad_duration.map(seconds_rounded_up);
    let shortest =
        shortest.map(|shortest| of_plan(Macro::BreakMinAdLength).map_or(shortest, |plan| plan.max(shortest)));
    for (name, seconds) in [(Macro::BreakMaxAdLength, longest), (Macro::BreakMinAdLength, shortest)] {
        if let Some(seconds) = seconds {
            values.set_text(name, &seconds.to_string());
        }
    }
    for (name, value) in &request.macros {
        match Macro::from_name(name) {
            Some(known) => drop(values.set_text(known, value)),
            None => drop(values.declare(name.as_str(), value.as_str())),
        }
    }
    if !request.foreign_macros.is_empty() {
        values.set_foreign(Arc::new(request.foreign_macros.clone()));
    }
    values
}

/// The value of a macro from the fields of the request. Values of a list are separated by commas.
fn field(name: Macro, request: &AdRequest, privacy: &Privacy) -> Option<String> {
    match name.source() {
        ValueSource::Device => of_device(name, &request.device),
        ValueSource::Consent if name == Macro::LimitAdTracking => Some(limits_ad_tracking(request, privacy).to_owned()),
        ValueSource::Consent => of_consent(name, &request.consent),
        ValueSource::Slot => of_slot(name, &request.slot),
        ValueSource::Moment
        | ValueSource::Client
        | ValueSource::Filter
        | ValueSource::Wrappers
        | ValueSource::Ad
        | ValueSource::Playback
        | ValueSource::Host => None,
    }
}

fn of_device(name: Macro, device: &Device) -> Option<String> {
    match name {
        Macro::DeviceIp => device.ip.map(text_of),
        Macro::DeviceUa => device.user_agent.clone(),
        Macro::Ifa => device.ifa.clone(),
        Macro::IfaType => device.ifa_type.clone(),
        _ => None,
    }
}

/// The address as text. Every request has it, and the formatting of the standard library takes many times as long for IPv4.
fn text_of(address: IpAddr) -> String {
    let IpAddr::V4(address) = address else { return address.to_string() };
    let (mut text, mut length) = ([0; "255.255.255.255".len()], 0);
    let mut push = |byte: u8| {
        if let Some(place) = text.get_mut(length) {
            (*place, length) = (byte, length + 1);
        }
    };
    for (number, octet) in address.octets().into_iter().enumerate() {
        if number > 0 {
            push(b'.');
        }
        if octet >= 100 {
            push(b'0' + octet / 100);
        }
        if octet >= 10 {
            push(b'0' + octet / 10 % 10);
        }
        push(b'0' + octet % 10);
    }
    // Digits and dots are UTF-8.
    std::str::from_utf8(&text[..length]).unwrap_or_default().to_owned()
}

fn of_consent(name: Macro, consent: &Consent) -> Option<String> {
    match name {
        Macro::Regulations => {
            let regulations = [("gdpr", consent.gdpr), ("coppa", consent.coppa)];
            list(regulations.into_iter().filter(|(_, applies)| *applies == Some(true)).map(|(name, _)| name.to_owned()))
        }
        Macro::GdprConsent => consent.gdpr_consent.clone(),
        Macro::GppString => consent.gpp.clone(),
        Macro::GppSectionId => list(consent.gpp_sections.iter().map(u16::to_string)),
        _ => None,
    }
}

/// The value of `[LIMITADTRACKING]`. If the host does not set it, it is 1 if the advertising id is withheld, else 0. The
/// macro is required, and the registry defines only 1 and 0 for it: `-1` (unknown) and `-2` (withheld) are for optional macros.
fn limits_ad_tracking(request: &AdRequest, privacy: &Privacy) -> &'static str {
    let is_withheld = || request.withholds_ifa() || privacy.ifa == IfaPolicy::Drop;
    if request.consent.limit_ad_tracking.unwrap_or_else(is_withheld) { "1" } else { "0" }
}

fn of_slot(name: Macro, slot: &Slot) -> Option<String> {
    match name {
        Macro::BreakMaxDuration => slot.break_duration.map(|length| length.as_secs().to_string()),
        Macro::BreakMinDuration => slot.break_min.map(|length| seconds_rounded_up(length).to_string()),
        Macro::BreakMaxAds => slot.max_ads.map(|number| number.to_string()),
        Macro::ApiFrameworks => {
            let numbers = slot.api_frameworks.iter().flat_map(|name| api_numbers(name.trim()));
            list(numbers.map(|number| (*number).to_owned()))
        }
        _ => None,
    }
}

fn seconds_rounded_up(length: Duration) -> u64 {
    length.as_secs() + u64::from(length.subsec_nanos() > 0)
}

/// The numbers of an interface in AdCOM's list of API frameworks, one for each of its versions. Empty for a name that
/// is not in the list.
fn api_numbers(name: &str) -> &'static [&'static str] {
    const NUMBERS: [(&str, &[&str]); 5] = [
        ("vpaid", &["1", "2"]),
        ("mraid", &["3", "5", "6"]),
        ("ormma", &["4"]),
        ("omid", &["7"]),
        ("simid", &["8", "9"]),
    ];
    NUMBERS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or(&[], |(_, numbers)| numbers)
}

fn list(values: impl Iterator<Item = String>) -> Option<String> {
    let values: Vec<String> = values.collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// Removes or changes the values that the source must not receive. It makes no difference whether the host gave a value as
/// a field or as a macro.
fn gate(values: &mut Values, request: &AdRequest, privacy: &Privacy, source: &str) {
    let salt = privacy.ifa_salt.as_deref().unwrap_or(source);
    let ifa = if request.withholds_ifa() { IfaPolicy::Drop } else { privacy.ifa };
    // What is sent as it is needs no copy.
    if privacy.ip != IpPolicy::Full {
        limit(values, Macro::DeviceIp, |ip| privacy.ip.apply_text(ip));
    }
    if privacy.user_agent != UserAgentPolicy::Full {
        limit(values, Macro::DeviceUa, |user_agent| privacy.user_agent.apply(user_agent));
    }
    if ifa == IfaPolicy::Pass {
        return;
    }
    limit(values, Macro::Ifa, |id| ifa.apply(id, salt));
    limit(values, Macro::IfaType, |kind| (ifa != IfaPolicy::Drop).then(|| kind.to_owned()));
}

fn limit(values: &mut Values, name: Macro, policy: impl Fn(&str) -> Option<String>) {
    if let Some(Value::Text(text)) = values.get(name) {
        let disclosed = policy(text).map_or(Value::Withheld, Value::text);
        values.set(name, disclosed);
    }
}

/// The headers of an ad request that do not describe its device. Trackers do not get them.
#[derive(Clone, Copy, Default)]
struct RequestHeaders<'a> {
    cdn_loop: Option<&'a str>,
    traceparent: Option<&'a str>,
}

impl<'a> RequestHeaders<'a> {
    fn of(request: &'a AdRequest) -> Self {
        Self { cdn_loop: request.cdn_loop.as_deref(), traceparent: request.traceparent.as_deref() }
    }
}

/// The headers of every request (VAST 4.3 section 1.1.3), as far as the source may receive them.
fn headers(
    device: &Device,
    of_request: RequestHeaders<'_>,
    privacy: &Privacy,
    anonymous: &Arc<HeaderMap>,
) -> Arc<HeaderMap> {
    let RequestHeaders { cdn_loop, traceparent } = of_request;
    if *device == Device::default() && cdn_loop.is_none() && traceparent.is_none() {
        return Arc::clone(anonymous);
    }
    // The copy of a map has no room for more.
    let mut headers = HeaderMap::with_capacity(anonymous.len() + device.headers.len() + MOST_HEADERS);
    headers.extend(anonymous.iter().map(|(name, value)| (name.clone(), value.clone())));
    for (name, value) in &device.headers {
        if let Ok(name) = HeaderName::try_from(format!("x-device-{name}")) {
            insert(&mut headers, name, Some(value));
        }
    }
    let ip = device.ip.and_then(|ip| privacy.ip.apply(ip)).map(text_of);
    let user_agent = device.user_agent.as_deref().and_then(|user_agent| privacy.user_agent.applied_to(user_agent));
    let of_request: [(HeaderName, Option<&str>); MOST_HEADERS] = [
        (DEVICE_IP, ip.as_deref()),
        (FORWARDED_FOR, ip.as_deref().filter(|_| privacy.forward_for)),
        (DEVICE_USER_AGENT, user_agent.as_deref()),
        (DEVICE_REFERER, device.referer.as_deref()),
        (DEVICE_LANGUAGE, device.accept_language.as_deref()),
        (DEVICE_REQUESTED_WITH, device.requested_with.as_deref()),
        (CDN_LOOP, cdn_loop),
        (TRACEPARENT, traceparent),
    ];
    for (name, value) in of_request {
        // Only the headers of the device can have set it before.
        if value.is_some() || !device.headers.is_empty() {
            insert(&mut headers, name, value);
        }
    }
    Arc::new(headers)
}

/// Sets a header to one value. A header without a value is not sent. A value that is not allowed in a header is left
/// out, because a value with a line break could be an attack.
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
        let accept_encoding = format!("accept-encoding: {ACCEPTED_ENCODINGS}");
        let expected = [
            &accept_encoding,
            "accept: application/xml, text/xml, */*;q=0.1",
            "user-agent: vast-client/1",
            "x-device-accept-language: de",
            "x-device-dnt: 1",
            "x-device-ip: 203.0.113.9",
            "x-device-user-agent: TV/1",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn an_address_is_written_as_the_standard_library_writes_it() {
        let every = (0..=u8::MAX).map(|octet| IpAddr::from([octet, 255 - octet, 10, octet]));
        let other = ["::1", "2001:db8::ff", "::ffff:192.0.2.1"].map(|text| text.parse().expect("an address"));
        for address in every.chain(other) {
            assert_eq!(text_of(address), address.to_string());
        }
    }

    #[test]
    fn servers_receive_the_shorter_of_the_longest_ads_of_the_plan_and_of_the_slot() {
        for (of_plan, of_slot, expected) in
            [(None, Some(20), Some("20")), (Some(15), Some(20), Some("15")), (Some(30), Some(20), Some("20"))]
        {
            let longest = of_plan.map(Duration::from_secs);
            let identity = Identity::new(HeaderValue::from_static("vast-client/1")).with_ad_length(None, longest);
            let slot = Slot { max_ad_duration: of_slot.map(Duration::from_secs), ..Slot::linear() };
            let request = AdRequest { slot, ..AdRequest::default() };
            let values = identity.disclose(&request, &Privacy::default(), "").values;
            let found = values.get(Macro::BreakMaxAdLength).and_then(|value| match value {
                Value::Text(text) => Some(text.to_string()),
                _ => None,
            });
            assert_eq!(found.as_deref(), expected, "{of_plan:?} {of_slot:?}");
        }
    }
}
