//! The values of one request: what fills the macros of its URLs, and the headers that go everywhere.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use vast_xml::Text;
use vast_xml::macros::{self, Context, Macro, Value, Values};

use crate::ad::Tree;
use crate::env::{self, Draws, Env};
use crate::request::{AdRequest, Consent, Device};

/// The values of one request.
pub(crate) struct RequestValues<'a> {
    env: &'a Env,
    draws: Draws,
    request_id: String,
    request: &'a AdRequest,
    identity: &'a Identity,
    /// Made when the first macro is met: most URLs have none.
    values: OnceLock<Arc<Values>>,
    headers: Arc<HeaderMap>,
}

/// What we call ourselves, in all requests of a plan.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    user_agent: HeaderValue,
    /// The headers of a request for no device in particular, shared by all of them.
    headers: Arc<HeaderMap>,
}

impl Identity {
    pub(crate) fn new(user_agent: HeaderValue) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(USER_AGENT, user_agent.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/xml, text/xml, */*;q=0.1"));
        Self { user_agent, headers: Arc::new(headers) }
    }
}

impl<'a> RequestValues<'a> {
    pub(crate) fn new(env: &'a Env, request: &'a AdRequest, identity: &'a Identity) -> Self {
        let draws = Env::draws(request.seed.unwrap_or_else(|| env.seed()));
        let request_id = draws.uuid();
        let headers = everywhere(&request.device, identity);
        Self { env, draws, request_id, request, identity, values: OnceLock::new(), headers }
    }

    pub(crate) fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The randomness of the request.
    pub(crate) fn draws(&self) -> &Draws {
        &self.draws
    }

    /// The headers of every request: `User-Agent`, `Accept` and the `X-Device-*` set.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(crate) fn shared_headers(&self) -> Arc<HeaderMap> {
        Arc::clone(&self.headers)
    }

    /// A value for `[TRANSACTIONID]`: one per source's tree.
    pub(crate) fn transaction_id(&self) -> Arc<str> {
        self.draws.uuid()
    }

    /// `template`, which the operator wrote, with all macros filled in, names of the host's own included.
    pub(crate) fn expand_own_tag<'t>(&self, template: &'t str, transaction_id: &str) -> Cow<'t, str> {
        if !may_hold_macros(template) {
            return Cow::Borrowed(template);
        }
        macros::expand_own_tag(template, &self.of_this_moment(transaction_id, None))
    }

    /// A tracker of an ad, or with a code an error URL, of any level: `ad_serving_id` names the serving in all of them (VAST
    /// 4.3 section 3.4.3).
    pub(crate) fn expand_of_ad(
        &self,
        template: &str,
        tree: &Tree,
        error_code: Option<u16>,
        ad_serving_id: Option<&Text>,
    ) -> String {
        if !may_hold_macros(template) {
            return template.to_owned();
        }
        let mut values = self.of_this_moment(&tree.transaction_id, error_code);
        if let Some(id) = ad_serving_id {
            values.set(Macro::AdServingId, Value::text(id.to_string()));
        }
        let context = if error_code.is_some() { Context::Error } else { Context::Tracking };
        macros::expand(template, context, &values).into_owned()
    }

    /// The `VASTAdTagURI` of a wrapper in `tree`, macros filled in. `blocked` is what the wrappers on the way to it block,
    /// beside what the host does (VAST 4.3 section 3.19.2).
    pub(crate) fn expand_hop<'t>(
        &self,
        template: &'t str,
        tree: &Tree,
        blocked: impl FnOnce() -> Vec<String>,
    ) -> Cow<'t, str> {
        if !may_hold_macros(template) {
            return Cow::Borrowed(template);
        }
        let mut values = self.of_this_moment(&tree.transaction_id, None);
        let mut categories = blocked();
        if !categories.is_empty() {
            if let Some(Value::List(own)) = values.get(Macro::BlockedAdCategories) {
                categories.splice(0..0, own.iter().map(|category| category.clone().into_owned()));
            }
            values.set(Macro::BlockedAdCategories, Value::list(categories));
        }
        macros::expand(template, Context::AdRequest, &values)
    }

    /// A new random number and the time for each URL.
    fn of_this_moment(&self, transaction_id: &str, error_code: Option<u16>) -> Values {
        let of_request = self.values.get_or_init(|| Arc::new(values(self.request, &self.identity.user_agent)));
        let mut values = Values::over(of_request);
        values.set_moment(self.draws.cachebusting(), env::timestamp(self.env.wall()));
        values.set(Macro::TransactionId, Value::text(transaction_id.to_owned()));
        if let Some(code) = error_code {
            values.set(Macro::ErrorCode, Value::text(code.to_string()));
        }
        values
    }
}

/// Every spelling of a macro begins with one of these. Most URLs have none.
fn may_hold_macros(template: &str) -> bool {
    template.contains(['[', '%', '$'])
}

fn values(request: &AdRequest, user_agent: &HeaderValue) -> Values {
    let AdRequest { device, consent, macros, .. } = request;
    let mut values = Values::new();
    // We ask on our own; a host that passes on a device's request says so with `SERVERSIDE=1`.
    values.set(Macro::ServerSide, Value::text("2"));
    if let Ok(user_agent) = user_agent.to_str() {
        values.set(Macro::ServerUa, Value::text(user_agent.to_owned()));
    }
    if let Some(ip) = device.ip {
        values.set(Macro::DeviceIp, Value::text(ip.to_string()));
    }
    if let Some(user_agent) = &device.user_agent {
        values.set(Macro::DeviceUa, Value::text(user_agent.clone()));
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
fn given(name: Macro, value: &str) -> Value<'static> {
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
fn everywhere(device: &Device, identity: &Identity) -> Arc<HeaderMap> {
    if *device == Device::default() {
        return Arc::clone(&identity.headers);
    }
    let mut headers = HeaderMap::clone(&identity.headers);
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
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::transport::AddressRule;

    fn env() -> Env {
        Env::fixed(UNIX_EPOCH + Duration::from_millis(1_795_335_307_127), 1)
    }

    fn identity() -> Identity {
        Identity::new(HeaderValue::from_static("vast-client/1"))
    }

    fn tree() -> Tree {
        Tree { source: "east".into(), rule: AddressRule::default(), transaction_id: "tx-1".into() }
    }

    #[test]
    fn r001_r004_r005_macros_of_the_first_tag_are_filled_in() {
        let request = AdRequest { macros: vec![("zone".into(), "a b".into())], ..AdRequest::default() };
        let (env, identity) = (env(), identity());
        let values = RequestValues::new(&env, &request, &identity);
        let url = values.expand_own_tag("https://a/?t=[TIMESTAMP]&cb=[CACHEBUSTING]&z=[zone]&x=[OTHER]", "tx");
        let (start, rest) = url.split_once("&cb=").expect("a cachebuster");
        let (cachebusting, rest) = rest.split_once('&').expect("more");
        assert!(start.starts_with("https://a/?t=2026-11-22T08%3A15%3A07.1"), "{start}");
        assert!(start.ends_with("%2B00%3A00"), "{start}");
        assert!(cachebusting.len() == 8 && cachebusting.bytes().all(|byte| byte.is_ascii_digit()), "{cachebusting}");
        assert_eq!(rest, "z=a%20b&x=[OTHER]");
    }

    #[test]
    fn r004_every_url_has_its_own_cachebuster() {
        let (env, identity, request) = (env(), identity(), AdRequest::default());
        let values = RequestValues::new(&env, &request, &identity);
        let expand = || values.expand_hop("[CACHEBUSTING]", &tree(), Vec::new).into_owned();
        assert_ne!(expand(), expand());
    }

    #[test]
    fn a_document_cannot_read_what_the_host_declared_for_its_own_tags() {
        let request = AdRequest { macros: vec![("USER_EMAIL".into(), "a@b".into())], ..AdRequest::default() };
        let (env, identity) = (env(), identity());
        let values = RequestValues::new(&env, &request, &identity);
        assert_eq!(values.expand_own_tag("u=[USER_EMAIL]", "tx"), "u=a%40b");
        assert_eq!(values.expand_hop("u=[USER_EMAIL]", &tree(), Vec::new), "u=[USER_EMAIL]");
        for code in [None, Some(303)] {
            assert_eq!(values.expand_of_ad("u=[USER_EMAIL]", &tree(), code, None), "u=[USER_EMAIL]");
        }
    }

    #[test]
    fn device_consent_and_error_code_arrive_encoded() {
        let request = AdRequest {
            device: Device {
                ip: Some([203, 0, 113, 9].into()),
                user_agent: Some("TV/1 (x)".into()),
                ..Device::default()
            },
            consent: Consent { gdpr: Some(true), gpp_sections: vec![2, 6], ..Consent::default() },
            macros: vec![("PLAYERSIZE".into(), "640,360".into())],
            ..AdRequest::default()
        };
        let (env, identity) = (env(), identity());
        let values = RequestValues::new(&env, &request, &identity);
        let template = "[DEVICEIP] [DEVICEUA] [REGULATIONS] [GPPSECTIONID] [PLAYERSIZE] [TRANSACTIONID] [ERRORCODE]";
        let expanded = values.expand_of_ad(template, &tree(), Some(303), None);
        assert_eq!(expanded, "203.0.113.9 TV%2F1%20(x) gdpr 2,6 640,360 tx-1 303");
    }

    #[test]
    fn r017_r018_r019_the_device_goes_with_every_request() {
        let device = Device {
            ip: Some([203, 0, 113, 9].into()),
            user_agent: Some("TV/1".into()),
            referer: Some("https://page.example/\r\nX-Admin: 1".into()),
            accept_language: Some("de".into()),
            requested_with: None,
        };
        let headers = everywhere(&device, &identity());
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
