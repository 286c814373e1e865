//! Who may ask: keys and signed tags.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use percent_encoding::percent_decode_str;
use ring::hmac;

use super::query::Query;
use crate::config::Access;
use crate::generation::{KeyRing, Placement};
use crate::parameter::Parameter;

/// How far ahead a signed tag may end, in seconds: one day.
const MAX_VALIDITY: u64 = 24 * 60 * 60;

/// The key that a caller sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyClaim {
    /// None.
    Absent,
    /// One of the keys of the tenant.
    Valid,
    /// Another one.
    Wrong,
}

impl KeyClaim {
    /// Compares a key that was sent with those of `keys`.
    pub(crate) fn of(sent: Option<&str>, keys: Option<&KeyRing>) -> Self {
        match sent {
            None => Self::Absent,
            Some(sent) if keys.is_some_and(|keys| keys.name_of(sent).is_some()) => Self::Valid,
            Some(_) => Self::Wrong,
        }
    }

    /// Whether a caller with this claim may ask a placement with this access, as far as that is known without its signature. A wrong
    /// key is refused also where none is needed, so that the mistake is seen.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn check(self, access: Access) -> Result<(), &'static str> {
        match (self, access) {
            (Self::Wrong, _) => Err("the key is wrong"),
            (Self::Absent, Access::Key) => Err("a key is needed"),
            (Self::Absent | Self::Valid, _) => Ok(()),
        }
    }
}

/// The key that a caller sends: `Authorization: Bearer KEY`, or `key=KEY` in the query where `query` is given.
pub(crate) fn key_of(headers: &HeaderMap, query: Option<&str>) -> Option<String> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.split_once(' '));
    let bearer =
        bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| key.trim().to_owned());
    let parameter = || {
        let query = query.filter(|query| query.contains("key="))?;
        let value = query.split('&').find_map(|pair| pair.strip_prefix("key="))?;
        Some(percent_decode_str(value).decode_utf8_lossy().into_owned()).filter(|key| !key.is_empty())
    };
    bearer.or_else(parameter)
}

/// What a caller has shown: a key, or a signature and the parameters that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant<'a> {
    /// Nothing; the placement is open.
    Open,
    /// A key.
    Key,
    /// A signature that covers these parameters.
    Signature(&'a [String]),
}

impl<'a> Grant<'a> {
    /// What the caller has shown.
    ///
    /// # Errors
    /// It may not ask this placement. The reason does not say which part of a signature is wrong.
    pub(crate) fn of(
        placement: &'a Placement,
        key: KeyClaim,
        query: &Query<'_>,
        now: impl FnOnce() -> SystemTime,
    ) -> Result<Self, &'static str> {
        key.check(placement.access)?;
        match (key, placement.access) {
            (KeyClaim::Valid, _) => Ok(Self::Key),
            (_, Access::Signed) if signature_is_valid(placement, query, now()).unwrap_or(false) => {
                Ok(Self::Signature(&placement.signed))
            }
            (_, Access::Signed) => Err("the signature is wrong or expired"),
            (_, Access::Open | Access::Key) => Ok(Self::Open),
        }
    }
}

/// Whether the signature of the query is one of the placement's tenant. `None` if a part of it is missing or cannot be read.
fn signature_is_valid(placement: &Placement, query: &Query<'_>, now: SystemTime) -> Option<bool> {
    let keys = &placement.tenant.as_ref()?.keys;
    let key = keys.signing_key(query.get(Parameter::KeyId)?)?;
    let expires: u64 = query.get(Parameter::Expires)?.parse().ok()?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(query.get(Parameter::Signature)?.as_bytes()).ok()?;
    let now = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let is_in_time = expires >= now && expires - now <= MAX_VALIDITY;
    let text = signed_text(&placement.name, expires, &placement.signed, query);
    // The comparison takes the same time for every wrong signature.
    Some(hmac::verify(key, &text, &signature).is_ok() && is_in_time)
}

/// The bytes that are signed: `t1`, the placement, the end of the validity as eight bytes, and each listed parameter that the query
/// has, in the order of the names, as name and value. Before each text stands its length as four bytes. Without the lengths, the end of
/// one value could be moved to the beginning of the next one. Numbers are big-endian.
fn signed_text(placement: &str, expires: u64, signed: &[String], query: &Query<'_>) -> Vec<u8> {
    let part = |text: &str| [&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes(), text.as_bytes()].concat();
    let mut text = [b"t1".as_slice(), &part(placement), &expires.to_be_bytes()].concat();
    for name in signed {
        if let Some(value) = query.named(name) {
            text.extend([part(name), part(value)].concat());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_key_travels_in_a_header_or_in_the_query() {
        let bearer = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("bearer a b"))]);
        let basic = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Basic eDp5"))]);
        let none = HeaderMap::new();
        for (headers, query, expected) in [
            (&bearer, Some("key=c"), Some("a b")),
            (&basic, Some("w=1&key=c%20d"), Some("c d")),
            (&none, Some("monkey=c&key="), None),
            (&none, None, None),
        ] {
            assert_eq!(key_of(headers, query).as_deref(), expected, "{query:?}");
        }
    }

    #[test]
    fn values_cannot_be_moved_between_signed_parameters() {
        let signed = ["sid", "ua"].map(str::to_owned);
        let text = |query: &str| signed_text("preroll", 1, &signed, &Query::parse(query).expect("a query"));
        let one = text("sid=ab&ua=c");
        for other in ["sid=a&ua=bc", "sid=abc&ua=", "sid=abc", "ua=c", "sid=ab"] {
            assert_ne!(text(other), one, "{other}");
        }
        assert_eq!(text("ua=c&w=7&sid=ab"), one, "the order and other parameters do not matter");
    }
}
