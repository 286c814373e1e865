//! Loops of gateways: a source that leads back to the gateway that asks it would make requests without end.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::HeaderName;

use super::query::BadParameter;

/// The header in which each server on the way writes its name (RFC 8586).
const CDN_LOOP: HeaderName = HeaderName::from_static("cdn-loop");
/// The name of a gateway in it. All gateways have the same name, so that a loop over several of them ends too.
const NAME: &str = "vast-gateway";
/// The number of gateways that a request may pass.
const MOST_PASSES: usize = 3;

/// The value of `CDN-Loop` for the requests that a request with these headers leads to: the gateways that it has passed, and this one.
///
/// # Errors
/// It has passed too many.
pub(crate) fn loop_header(headers: &HeaderMap) -> Result<Cow<'static, str>, BadParameter> {
    let values = headers.get_all(CDN_LOOP).iter().filter_map(|value| value.to_str().ok());
    // Each entry is a name, with or without parameters behind a semicolon.
    let names = values.flat_map(|value| value.split(',')).filter_map(|entry| entry.split(';').next());
    let passed = names.filter(|name| name.trim().eq_ignore_ascii_case(NAME)).count();
    if passed >= MOST_PASSES {
        let problem = format!("the request has passed {passed} gateways: a source leads back to a gateway");
        return Err(BadParameter::new(CDN_LOOP.as_str(), problem));
    }
    Ok(if passed == 0 { Cow::Borrowed(NAME) } else { Cow::Owned(vec![NAME; passed + 1].join(", ")) })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_request_passes_three_gateways() {
        let one = "vast-gateway";
        let two = "vast-gateway, vast-gateway";
        let three = "vast-gateway, vast-gateway, vast-gateway";
        // The header lines of the request, that of the requests to ad servers.
        let cases: [(&[&str], Option<&str>); 8] = [
            (&[], Some(one)),
            (&["cdn.example; x=1, other"], Some(one)),
            (&["not-vast-gateway"], Some(one)),
            (&[one], Some(two)),
            (&["cdn.example,VAST-Gateway ;n=2"], Some(two)),
            (&[one, "cdn.example", one], Some(three)),
            (&[three], None),
            (&[two, two], None),
        ];
        for (lines, expected) in cases {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(CDN_LOOP, HeaderValue::from_str(line).expect("a value"));
            }
            assert_eq!(loop_header(&headers).ok().as_deref(), expected, "{lines:?}");
        }
    }
}
