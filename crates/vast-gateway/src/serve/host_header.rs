//! The header `Host`. A request that has it twice, or a request of HTTP/1.1 without it, is not valid (RFC 9112 section 3.2). In HTTP/2 it must
//! have the same value as `:authority` (RFC 9113 section 8.3.1). Otherwise a proxy and this server could read two different sites.

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, Version};

/// What is wrong with the header `Host` of a request of this version. `authority` is the host of the request line, or `:authority`.
pub(super) fn problem(version: Version, authority: Option<&Authority>, headers: &HeaderMap) -> Option<&'static str> {
    let mut values = headers.get_all(HOST).iter();
    match (values.next(), values.next()) {
        _ if authority.is_some_and(|authority| authority.as_str().contains('@')) => Some("is not the name of a host"),
        (Some(value), None)
            if version == Version::HTTP_2
                && authority.is_some_and(|authority| !is_same(authority, value.as_bytes())) =>
        {
            Some("differs from `:authority`")
        }
        (None, _) if version == Version::HTTP_11 => Some("is missing"),
        (None, _) => None,
        (Some(_), Some(_)) => Some("is repeated"),
        (Some(value), None) if value.as_bytes().iter().all(|byte| may_stand_in_host(*byte)) => None,
        (Some(_), None) => Some("is not the name of a host"),
    }
}

fn is_same(authority: &Authority, host: &[u8]) -> bool {
    authority.as_str().as_bytes().eq_ignore_ascii_case(host)
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
        // Version, host of the request line or `:authority`, lines of `Host`, problem.
        let cases: [(Version, &str, &[&str], Option<&str>); 20] = [
            (new, "", &["ads.example"], None),
            (new, "", &["[::1]:8080"], None),
            (new, "", &["xn--bcher-kva.example:80"], None),
            (new, "", &[""], None),
            (new, "", &[], Some("is missing")),
            (old, "", &[], None),
            (http2, "", &[], None),
            (new, "", &["a.example", "a.example"], Some("is repeated")),
            (old, "", &["a.example", "b.example"], Some("is repeated")),
            (http2, "", &["a.example", "b.example"], Some("is repeated")),
            (new, "", &["a.example, b.example"], Some("is not the name of a host")),
            (new, "", &["user@a.example"], Some("is not the name of a host")),
            (new, "", &["a.example/x"], Some("is not the name of a host")),
            (new, "a.example", &["b.example"], None),
            (new, "user@a.example", &["a.example"], Some("is not the name of a host")),
            (http2, "a.example", &[], None),
            (http2, "a.example", &["A.example"], None),
            (http2, "user:x@a.example", &[], Some("is not the name of a host")),
            (http2, "a.example", &["b.example"], Some("differs from `:authority`")),
            (http2, "a.example", &["a.example", "a.example"], Some("is repeated")),
        ];
        for (version, authority, lines, expected) in cases {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(HOST, HeaderValue::from_str(line).expect("a value"));
            }
            let authority = (!authority.is_empty()).then(|| authority.parse::<Authority>().expect("an authority"));
            let found = problem(version, authority.as_ref(), &headers);
            assert_eq!(found, expected, "{version:?} {authority:?} {lines:?}");
        }
    }
}
