//! The header `Host`: a request that has it twice, or a request of HTTP/1.1 without it, is not valid (RFC 9112 section 3.2). Two servers
//! on the way could take it for requests to two sites.

use http::header::HOST;
use http::{HeaderMap, Version};

/// What is wrong with the header `Host` of a request of this version.
pub(super) fn problem(version: Version, headers: &HeaderMap) -> Option<&'static str> {
    let mut values = headers.get_all(HOST).iter();
    match (values.next(), values.next()) {
        (None, _) if version == Version::HTTP_11 => Some("is missing"),
        (None, _) => None,
        (Some(_), Some(_)) => Some("is repeated"),
        (Some(value), None) if value.as_bytes().iter().all(|byte| may_stand_in_host(*byte)) => None,
        (Some(_), None) => Some("is not the name of a host"),
    }
}

/// Whether the byte may stand in a host with a port (RFC 3986 section 3.2.2).
fn may_stand_in_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.' | b'_' | b'~' | b'%' | b':' | b'[' | b']' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')'
        )
        || matches!(byte, b'*' | b'+' | b',' | b';' | b'=')
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn one_host_is_needed() {
        let (new, old, http2) = (Version::HTTP_11, Version::HTTP_10, Version::HTTP_2);
        let cases: [(Version, &[&str], Option<&str>); 13] = [
            (new, &["ads.example"], None),
            (new, &["[::1]:8080"], None),
            (new, &["xn--bcher-kva.example:80"], None),
            (new, &[""], None),
            (new, &[], Some("is missing")),
            (old, &[], None),
            (http2, &[], None),
            (new, &["a.example", "a.example"], Some("is repeated")),
            (old, &["a.example", "b.example"], Some("is repeated")),
            (http2, &["a.example", "b.example"], Some("is repeated")),
            (new, &["a.example, b.example"], Some("is not the name of a host")),
            (new, &["user@a.example"], Some("is not the name of a host")),
            (new, &["a.example/x"], Some("is not the name of a host")),
        ];
        for (version, lines, expected) in cases {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(HOST, HeaderValue::from_str(line).expect("a value"));
            }
            assert_eq!(problem(version, &headers), expected, "{version:?} {lines:?}");
        }
    }
}
