//! The headers about a viewer that the servers of a source's tree receive.

use bytes::BytesMut;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::ad_request::{AdRequest, Device};
use super::address_text::text_of;
use super::privacy::Privacy;

// The headers of a request. As constants, because a name that is made anew is checked letter by letter.
const DEVICE_IP: HeaderName = HeaderName::from_static("x-device-ip");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const DEVICE_USER_AGENT: HeaderName = HeaderName::from_static("x-device-user-agent");
const DEVICE_REFERER: HeaderName = HeaderName::from_static("x-device-referer");
const DEVICE_LANGUAGE: HeaderName = HeaderName::from_static("x-device-accept-language");
const DEVICE_REQUESTED_WITH: HeaderName = HeaderName::from_static("x-device-requested-with");
const CDN_LOOP: HeaderName = HeaderName::from_static("cdn-loop");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// A request whose headers describe a device, a gateway or a trace. Beacons have those of the device only.
#[derive(Clone, Copy)]
pub(super) struct ViewerHeaders<'a> {
    device: &'a Device,
    cdn_loop: Option<&'a str>,
    traceparent: Option<&'a str>,
}

impl<'a> ViewerHeaders<'a> {
    /// The headers of a request for a document. `None` if there are none.
    pub(super) fn of_request(request: &'a AdRequest) -> Option<Self> {
        let AdRequest { device, cdn_loop, traceparent, .. } = request;
        let (cdn_loop, traceparent) = (cdn_loop.as_deref(), traceparent.as_deref());
        let has_any = !device.is_unset() || cdn_loop.is_some() || traceparent.is_some();
        has_any.then_some(Self { device, cdn_loop, traceparent })
    }

    /// The headers of a beacon. `None` if there are none.
    pub(super) fn of_device(device: &'a Device) -> Option<Self> {
        (!device.is_unset()).then_some(Self { device, cdn_loop: None, traceparent: None })
    }

    /// The headers of every request (VAST 4.3 section 1.1.3), as far as the source may receive them, behind the `anonymous` ones. The map
    /// has room for this many more.
    pub(super) fn with_room(self, anonymous: &HeaderMap, privacy: &Privacy, more: usize) -> HeaderMap {
        let Self { device, cdn_loop, traceparent } = self;
        let ip = device.ip.and_then(|ip| privacy.ip.apply(ip)).map(text_of);
        let user_agent = device.user_agent.as_deref().and_then(|user_agent| privacy.user_agent.applied_to(user_agent));
        let list = [
            (DEVICE_IP, ip.as_deref()),
            (FORWARDED_FOR, ip.as_deref().filter(|_| privacy.forward_for)),
            (DEVICE_USER_AGENT, user_agent.as_deref()),
            (DEVICE_REFERER, device.referer.as_deref()),
            (DEVICE_LANGUAGE, device.accept_language.as_deref()),
            (DEVICE_REQUESTED_WITH, device.requested_with.as_deref()),
            (CDN_LOOP, cdn_loop),
            (TRACEPARENT, traceparent),
        ];
        let given = || list.iter().filter_map(|(_, value)| *value);
        let mut headers = HeaderMap::with_capacity(anonymous.len() + device.headers.len() + given().count() + more);
        // One piece of memory for all values.
        let mut texts = BytesMut::with_capacity(given().map(str::len).sum());
        for (name, value) in anonymous {
            headers.append(name, value.clone());
        }
        for (name, value) in &device.headers {
            if let Ok(name) = HeaderName::try_from(format!("x-device-{name}")) {
                insert(&mut headers, name, Some(value), &mut BytesMut::new());
            }
        }
        for (name, value) in list {
            // Only the headers of the device can have set it before.
            if value.is_some() || !device.headers.is_empty() {
                insert(&mut headers, name, value, &mut texts);
            }
        }
        headers
    }
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
