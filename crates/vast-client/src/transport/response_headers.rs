//! The values of response headers that the HTTP client needs.

use std::time::Duration;

use http::HeaderMap;
use http::header::{CONTENT_TYPE, RETRY_AFTER};

/// Reads `Retry-After` in seconds. The form with a date is ignored, because it needs the wall clock; the usual backoff
/// applies instead.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The parameter `charset` of `Content-Type`, as written there. It is read byte by byte, because every response has the header.
pub(crate) fn charset(headers: &HeaderMap) -> Option<String> {
    let content_type = headers.get(CONTENT_TYPE)?.as_bytes();
    let value = content_type.split(|byte| *byte == b';').skip(1).find_map(|parameter| {
        let equals = parameter.iter().position(|byte| *byte == b'=')?;
        let (name, value) = parameter.split_at_checked(equals)?;
        name.trim_ascii().eq_ignore_ascii_case(b"charset").then_some(value.get(1..)?)
    })?;
    let value = std::str::from_utf8(value).ok()?.trim().trim_matches(['"', '\'']);
    (!value.is_empty() && value.is_ascii()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_charset_is_a_parameter_of_the_content_type() {
        for (content_type, expected) in [
            ("application/xml; charset=utf-8", Some("utf-8")),
            ("text/xml;Charset = \"ISO-8859-1\" ; x=y", Some("ISO-8859-1")),
            ("text/xml; x=y; CHARSET='koi8-r'", Some("koi8-r")),
            ("charset=utf-8", None),
            ("text/xml; charset", None),
            ("text/xml; charset=", None),
            ("text/xml; charset=\u{e9}", None),
            ("text/xml", None),
        ] {
            let value = HeaderValue::from_bytes(content_type.as_bytes()).expect("a value");
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, value)]);
            assert_eq!(charset(&headers).as_deref(), expected, "{content_type}");
        }
        assert_eq!(charset(&HeaderMap::new()), None);
    }
}
