//! Which values of a query or of a macro are personal, by their names and by their form.

use std::net::IpAddr;

/// The names of parameters and macros whose values are personal or secret, in lower case and without separators.
const PERSONAL_NAMES: [&str; 62] = [
    "aaid",
    "adid",
    "advertisingid",
    "apikey",
    "auth",
    "authorization",
    "buyeruid",
    "ccpa",
    "clientip",
    "clientua",
    "cookie",
    "deviceid",
    "deviceip",
    "deviceua",
    "did",
    "eid",
    "email",
    "euconsent",
    "gaid",
    "gdprconsent",
    "geo",
    "gpp",
    "gppstring",
    "idfa",
    "idfv",
    "ifa",
    "ip",
    "ipaddress",
    "lat",
    "latlong",
    "latitude",
    "lng",
    "lon",
    "longitude",
    "mail",
    "msisdn",
    "pageurl",
    "password",
    "phone",
    "ppid",
    "puid",
    "rdid",
    "ref",
    "referer",
    "referrer",
    "rida",
    "secret",
    "sessid",
    "sessionid",
    "sid",
    "sig",
    "signature",
    "tifa",
    "token",
    "ua",
    "udid",
    "uid",
    "userid",
    "useragent",
    "usprivacy",
    "viewerid",
    "visitorid",
];

/// A text from this length on is an id if it mixes letters and digits, or has only digits.
const ID_LENGTH: usize = 16;
/// From this length on, a mixture of capital and small letters is an id too.
const LONG_ID: usize = 24;

/// Whether the values of parameters with this name are personal.
pub(super) fn is_personal_name(name: &[u8]) -> bool {
    let name: Vec<u8> = name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    PERSONAL_NAMES.iter().any(|personal| personal.as_bytes() == name)
}

/// Whether a value with this name is personal. A macro that is not filled in is not.
pub(super) fn is_personal(name: &[u8], value: &[u8]) -> bool {
    if value.is_empty() || is_macro(value) {
        return false;
    }
    is_personal_name(name) || is_address(value) || is_mail(value) || is_id(value)
}

fn is_macro(value: &[u8]) -> bool {
    let borders: [(&[u8], &[u8]); 6] =
        [(b"[", b"]"), (b"%5B", b"%5D"), (b"%5b", b"%5d"), (b"${", b"}"), (b"%%", b"%%"), (b"{", b"}")];
    borders.iter().any(|(start, end)| value.starts_with(start) && value.ends_with(end))
}

fn is_address(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(|text| text.parse::<IpAddr>().is_ok())
}

fn is_mail(value: &[u8]) -> bool {
    let has = |wanted: &[u8]| value.windows(wanted.len()).any(|window| window.eq_ignore_ascii_case(wanted));
    (has(b"@") || has(b"%40")) && has(b".")
}

/// Whether the value is an id: long, without words, and of the letters of UUIDs, hashes and Base64.
fn is_id(value: &[u8]) -> bool {
    let is_of_id = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_=+/.~".contains(byte);
    if value.len() < ID_LENGTH || !value.iter().all(is_of_id) {
        return false;
    }
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let capitals = value.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let smalls = value.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    let is_mixed = capitals >= 4 && smalls >= 4;
    digits >= 6 || (is_mixed && (digits >= 1 || value.len() >= LONG_ID))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_values_are_known_by_name_or_form() {
        for (name, value, expected) in [
            ("uid", "7", true),
            ("us_privacy", "1YNN", true),
            ("gdpr_consent", "CPc", true),
            ("User-Agent", "x", true),
            ("x", "203.0.113.9", true),
            ("x", "6d92078a-8246-4ba4-ae5b-76104861e7dc", true),
            ("x", "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA", true),
            ("x", "1234567890123456", true),
            ("m", "jo%40mail.example", true),
            ("uid", "[IFA]", false),
            ("uid", "%5BIFA%5D", false),
            ("e", "firstQuartile", false),
            ("cb", "12345678", false),
            ("zone", "pre-roll-of-the-front-page", false),
            ("t", "2026-11-22T08%3A15", false),
            ("gdpr", "1", false),
        ] {
            assert_eq!(is_personal(name.as_bytes(), value.as_bytes()), expected, "{name}={value}");
        }
    }
}
