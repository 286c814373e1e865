//! The macro values and headers that the servers of a source's tree receive.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use http::header::{ACCEPT, ACCEPT_ENCODING, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use vast_xml::macros::{Macro, Values};

use super::ad_request::{AdRequest, Device};
use super::address_text::text_of;
use super::disclosure::Disclosure;
use super::privacy::{IfaPolicy, Privacy};
use super::slot::{Slot, seconds_rounded_up};
use super::viewer_values::ViewerValues;
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
    values: Arc<Values>,
    headers: Arc<HeaderMap>,
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
        Self { values: Arc::new(values), headers: Arc::new(headers) }
    }

    /// Sets the macros for the shortest and the longest ad that the plan accepts, in whole seconds within these bounds.
    pub(crate) fn with_ad_length(mut self, shortest: Option<Duration>, longest: Option<Duration>) -> Self {
        let values = Arc::make_mut(&mut self.values);
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
        headers(device, RequestHeaders::default(), privacy, &self.headers)
    }

    /// The data of `request` that the servers of this source's tree receive. This is the only place that applies
    /// [`Privacy`].
    pub(crate) fn disclose(&self, request: &Arc<AdRequest>, privacy: &Privacy, source: &str) -> Disclosure {
        let Self { values, headers: anonymous } = self;
        if has_no_values(request) && privacy.ifa != IfaPolicy::Drop {
            return Disclosure::new(ViewerValues::anonymous(values), Arc::clone(anonymous));
        }
        let headers = headers(&request.device, RequestHeaders::of(request), privacy, anonymous);
        Disclosure::new(ViewerValues::of_viewer(values, request, privacy, source), headers)
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
    if device.is_unset() && cdn_loop.is_none() && traceparent.is_none() {
        return Arc::clone(anonymous);
    }
    // The copy of a map has no room for more.
    let mut headers = HeaderMap::with_capacity(anonymous.len() + device.headers.len() + MOST_HEADERS);
    headers.extend(anonymous.iter().map(|(name, value)| (name.clone(), value.clone())));
    for (name, value) in &device.headers {
        if let Ok(name) = HeaderName::try_from(format!("x-device-{name}")) {
            insert(&mut headers, name, Some(value), &mut BytesMut::new());
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
    // One piece of memory for all of them, which the copies of each exchange share.
    let mut texts = BytesMut::with_capacity(of_request.iter().filter_map(|(_, value)| *value).map(str::len).sum());
    for (name, value) in of_request {
        // Only the headers of the device can have set it before.
        if value.is_some() || !device.headers.is_empty() {
            insert(&mut headers, name, value, &mut texts);
        }
    }
    Arc::new(headers)
}

/// Sets a header to one value, which is written behind `texts`. A header without a value is not sent. A value that is not allowed in a
/// header is left out, because a value with a line break could be an attack.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<&str>, texts: &mut BytesMut) {
    let value = value.and_then(|value| {
        texts.extend_from_slice(value.as_bytes());
        HeaderValue::from_maybe_shared(texts.split().freeze()).ok()
    });
    match value {
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
        let headers =
            identity.disclose(&Arc::new(AdRequest { device, ..AdRequest::default() }), &Privacy::default(), "").headers;
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
}
