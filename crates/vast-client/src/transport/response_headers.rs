//! The values of response headers that the HTTP client needs.

use std::borrow::Cow;
use std::time::Duration;

use http::HeaderMap;
use http::header::{CONTENT_TYPE, RETRY_AFTER};

/// Reads `Retry-After` in seconds. The form with a date is ignored, because it needs the wall clock; the usual backoff
/// applies instead.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The parameter `charset` of `Content-Type`, not decoded.
pub(crate) fn charset(headers: &HeaderMap) -> Option<Cow<'static, str>> {
    charset_of(headers.get(CONTENT_TYPE)?.as_bytes())
}

/// The parameter `charset` of a `Content-Type`. It is read byte by byte, because every response has the header.
pub(super) fn charset_of(content_type: &[u8]) -> Option<Cow<'static, str>> {
    let (_, mut rest) = split_once(content_type, b';')?;
    // Almost all servers send this value, so it is compared before the general search.
    if let b" charset=utf-8" | b"charset=utf-8" = rest {
        return Some("utf-8".into());
    }
    loop {
        let (parameter, next) = split_once(rest, b';').unwrap_or((rest, &[]));
        if let Some((name, value)) = split_once(parameter, b'=')
            && name.trim_ascii().eq_ignore_ascii_case(b"charset")
        {
            let value = std::str::from_utf8(without_quotes(value.trim_ascii())).ok()?;
            return (!value.is_empty() && value.is_ascii()).then(|| value.to_owned().into());
        }
        if next.is_empty() {
            return None;
        }
        rest = next;
    }
}

/// The parts before and after the first `border`.
fn split_once(text: &[u8], border: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(border, text)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// `value` without quotes at its start and its end.
fn without_quotes(mut value: &[u8]) -> &[u8] {
    while let [b'"' | b'\'', inner @ ..] | [inner @ .., b'"' | b'\''] = value {
        value = inner;
    }
    value
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_charset_is_a_parameter_of_the_content_type() {
        for (content_type, expected) in [
            ("application/xml; charset=utf-8", Some("utf-8")),
            ("application/xml;charset=utf-8", Some("utf-8")),
            ("application/xml; charset=UTF-8", Some("UTF-8")),
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
