//! Who may use the routes that are not probes.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::{HeaderMap, Method};

use crate::generation::KeyRing;
use crate::intake;

/// Why a caller is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denial {
    /// The request comes from the page of another site. Such a page could reach the port of the machine that it runs on.
    OtherPage,
    /// The port has keys, and the request has none of them.
    NoKey,
    /// The port has no keys, and `Host` does not name this machine.
    OtherHost,
}

impl Denial {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::OtherPage => "requests of other pages are refused",
            Self::NoKey => "a key is needed",
            Self::OtherHost => "the host is not this machine",
        }
    }
}

/// Whether a caller may use a route: with a key if there are keys, else if `Host` names this machine; and never from the page of
/// another site. `authority` is the host of the request line.
pub(super) fn check_caller(
    keys: &KeyRing,
    method: &Method,
    headers: &HeaderMap,
    authority: Option<&str>,
) -> Result<(), Denial> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = authority.or_else(|| text(HOST.as_str())).unwrap_or_default();
    if text(ORIGIN.as_str()).is_some_and(|origin| !is_origin_of(origin, host)) || is_cross_site(method, text) {
        return Err(Denial::OtherPage);
    }
    if !keys.is_empty() {
        let key = intake::key_of(headers, None).or_else(|| basic_password(headers));
        return key.and_then(|key| keys.name_of(&key).map(drop)).ok_or(Denial::NoKey);
    }
    if is_local_name(host) { Ok(()) } else { Err(Denial::OtherHost) }
}

/// Whether a browser says that the page of another site has sent the request. Following a link is permitted: the other page cannot
/// read the answer.
fn is_cross_site<'a>(method: &Method, header: impl Fn(&str) -> Option<&'a str>) -> bool {
    let is_own = header("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let is_link = *method == Method::GET && header("sec-fetch-mode") == Some("navigate");
    !is_own && !is_link
}

/// Whether pages of `origin` come from this host and port.
fn is_origin_of(origin: &str, host: &str) -> bool {
    origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
}

/// The password of `Authorization: Basic`. A browser asks its user for it; the user name does not matter.
fn basic_password(headers: &HeaderMap) -> Option<String> {
    let (scheme, value) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let bytes = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(value.trim()).ok())??;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

/// Whether `Host` names this machine by an address or as `localhost`. Another name could be one of an attacker that leads here (DNS
/// rebinding).
fn is_local_name(host: &str) -> bool {
    if host.parse::<IpAddr>().is_ok() {
        return true;
    }
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;
    use crate::config::{AccessKey, SecretText};

    #[test]
    fn a_name_of_this_machine_is_an_address_or_localhost() {
        for (host, expected) in [
            ("127.0.0.1:9090", true),
            ("[::1]:9090", true),
            ("::1", true),
            ("LocalHost", true),
            ("10.1.2.3", true),
            ("evil.example:9090", false),
            ("127.0.0.1.evil.example", false),
            ("", false),
        ] {
            assert_eq!(is_local_name(host), expected, "{host}");
        }
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        let none = KeyRing::new(&[]);
        let (get, post) = (Method::GET, Method::POST);
        for (method, headers, expected) in [
            (&get, "", Ok(())),
            (&post, "", Ok(())),
            (&post, "origin: http://127.0.0.1:9090", Ok(())),
            (&post, "origin: http://127.0.0.1:9090|sec-fetch-site: same-origin", Ok(())),
            (&post, "origin: http://127.0.0.1", Err(Denial::OtherPage)),
            (&post, "origin: http://127.0.0.1:9091", Err(Denial::OtherPage)),
            (&post, "origin: null", Err(Denial::OtherPage)),
            (&get, "origin: https://evil.example", Err(Denial::OtherPage)),
            (&post, "sec-fetch-site: same-site", Err(Denial::OtherPage)),
            (&post, "sec-fetch-site: cross-site|sec-fetch-mode: navigate", Err(Denial::OtherPage)),
            (&get, "sec-fetch-site: cross-site|sec-fetch-mode: no-cors", Err(Denial::OtherPage)),
            (&get, "sec-fetch-site: cross-site|sec-fetch-mode: navigate", Ok(())),
            (&get, "host: evil.example", Err(Denial::OtherHost)),
        ] {
            let all = format!("host: 127.0.0.1:9090|{headers}");
            let mut map = HeaderMap::new();
            for (name, value) in all.split('|').filter_map(|line| line.split_once(": ")) {
                map.insert(HeaderName::try_from(name).expect("a name"), HeaderValue::try_from(value).expect("a value"));
            }
            assert_eq!(check_caller(&none, method, &map, None), expected, "{method} {headers}");
        }
    }

    #[test]
    fn a_key_is_a_bearer_token_or_the_password_of_a_browser() {
        let secret = SecretText::new("0123456789abcdef-ops").expect("long enough");
        let keys = KeyRing::new(&[AccessKey::new("ops", secret)]);
        for (value, expected) in [
            ("Bearer 0123456789abcdef-ops".to_owned(), Ok(())),
            (format!("Basic {}", STANDARD.encode("me:0123456789abcdef-ops")), Ok(())),
            (format!("basic {}", STANDARD.encode(":0123456789abcdef-ops")), Ok(())),
            (format!("Basic {}", STANDARD.encode("0123456789abcdef-ops")), Err(Denial::NoKey)),
            (format!("Basic {}", STANDARD.encode("ops:other")), Err(Denial::NoKey)),
            ("Basic ?".to_owned(), Err(Denial::NoKey)),
            ("0123456789abcdef-ops".to_owned(), Err(Denial::NoKey)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::try_from(&*value).expect("a value"));
            assert_eq!(check_caller(&keys, &Method::GET, &headers, Some("gateway.internal")), expected, "{value}");
        }
    }
}
