//! The macro values and headers that the servers of a source's tree receive.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_ENCODING, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use vast_xml::macros::{Macro, Values};

use super::ad_request::{AdRequest, Device};
use super::disclosure::Disclosure;
use super::privacy::{IfaPolicy, Privacy};
use super::slot::{Slot, seconds_rounded_up};
use super::viewer_headers::ViewerHeaders;
use super::viewer_values::ViewerValues;
use crate::transport::ACCEPTED_ENCODINGS;

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
        match ViewerHeaders::of_device(device) {
            Some(viewer) => Arc::new(viewer.with_room(&self.headers, privacy, 0)),
            None => Arc::clone(&self.headers),
        }
    }

    /// The data of `request` that the servers of this source's tree receive. This is the only place that applies
    /// [`Privacy`].
    pub(crate) fn disclose(&self, request: &Arc<AdRequest>, privacy: &Privacy, source: &str) -> Disclosure {
        let anonymous = ViewerValues::anonymous(&self.values, &self.headers);
        if has_no_values(request) && privacy.ifa != IfaPolicy::Drop {
            return Disclosure::new(anonymous);
        }
        Disclosure::new(anonymous.with_viewer(request, privacy, source))
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
        let request = Arc::new(AdRequest { device, ..AdRequest::default() });
        let disclosure = identity.disclose(&request, &Privacy::default(), "");
        let (sent, headers) = (disclosure.sent_headers().to_send(2), disclosure.headers());
        assert_eq!((&sent, &disclosure.sent_headers().to_send(2)), (&**headers, &**headers), "made anew, and copied");
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
