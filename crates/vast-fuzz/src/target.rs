//! Parsing URLs that are to be requested.

use url::Url;
use vast_client::transport::{Target, TargetError};

/// A URL is either accepted or refused. An accepted one is valid in a request line and has the same host for every other
/// URL parser. An error does not contain the path. The first line of the input may be the base URL of the second line.
///
/// # Panics
/// If that does not hold.
pub fn target(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    check(&text, None);
    let Some((first, rest)) = text.split_once('\n') else { return };
    let base = Target::parse(first, None).ok();
    check(rest, base.as_ref());
}

fn check(raw: &str, base: Option<&Target>) {
    match Target::parse(raw, base) {
        Ok(target) => check_target(raw, &target),
        Err(error) => check_error(raw, &error),
    }
}

fn check_target(raw: &str, target: &Target) {
    let text = target.as_str();
    let origin = target.origin();
    assert!(text.bytes().all(|byte| (b'!'..=b'~').contains(&byte) && byte != b'#'), "{raw:?} became {text:?}");
    let tail = text.strip_prefix(&origin.to_string()).expect("it begins with its origin");
    assert!(tail.starts_with('/'), "{raw:?} became {text:?}");
    assert_ne!(origin.port, 0, "{raw:?}");
    assert_eq!(Target::parse(text, None).as_ref(), Ok(target), "reading {raw:?} twice");
    assert_eq!(target.uri().host(), Some(origin.host.to_string().as_str()), "{raw:?}");
    assert_eq!(target.uri().port_u16().unwrap_or(origin.scheme.default_port()), origin.port, "{raw:?}");
    check_same_origin(raw, text, target);
    if is_unambiguous(raw) {
        check_same_origin(raw, raw, target);
    }
}

/// Checks that another URL parser sees the same server.
fn check_same_origin(raw: &str, text: &str, target: &Target) {
    let url = Url::parse(text).unwrap_or_else(|error| panic!("{raw:?} became {text:?}: {error}"));
    let origin = target.origin();
    let seen = (url.scheme(), url.host_str(), url.port_or_known_default());
    assert_eq!(seen, (origin.scheme.as_str(), Some(origin.host.to_string().as_str()), Some(origin.port)), "{raw:?}");
}

/// Whether the URL is absolute and has no characters that URL parsers drop.
fn is_unambiguous(raw: &str) -> bool {
    let start = raw.get(..8).unwrap_or(raw).to_ascii_lowercase();
    let absolute = start.starts_with("http://") || start.starts_with("https://");
    absolute && !raw.chars().any(|character| character.is_whitespace() || character.is_control())
}

fn check_error(raw: &str, error: &TargetError) {
    assert!(!error.to_string().is_empty());
    // The other errors contain nothing of the input.
    let (TargetError::Scheme(quoted) | TargetError::Port(quoted)) = error else { return };
    // Text that is also in front of the `?` proves nothing.
    if let Some((before, query)) = raw.split_once('?')
        && query.len() > 4
        && !before.contains(query)
    {
        assert!(!quoted.contains(query), "{error} tells of the query of {raw:?}");
    }
}
