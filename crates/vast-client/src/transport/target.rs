//! The URL of a request. Path and query keep the bytes of the ad tag; the host is normalized so that it can be checked.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Uri;
use http::uri::{Parts, PathAndQuery};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::{Host, Url};

/// An absolute http or https URL, ready to be requested. Cheap to clone.
///
/// Path and query are the bytes of the ad tag; only bytes that are not allowed in an HTTP request line are
/// percent-encoded. The host is normalized: `2130706433`, `0x7f.1` and `[::ffff:127.0.0.1]` become ordinary IP
/// addresses, and an international name becomes its ASCII form. User information and the fragment are left out, because
/// an ad must not make the client send credentials.
#[derive(Clone)]
pub struct Target(Arc<ParsedUrl>);

struct ParsedUrl {
    text: Arc<str>,
    uri: Uri,
    origin: Origin,
}

/// A URL of this length, in bytes, is not too long for a request. The limit is one of the whole URL, so the parts of a longer one may not be
/// looked at alone.
const CERTAINLY_SHORT: usize = 8_192;

/// Shared text as the owner of its bytes.
struct SharedText(Arc<str>);

impl AsRef<[u8]> for SharedText {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Scheme, host and port of a URL (RFC 6454).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The scheme.
    pub scheme: Scheme,
    /// The host: a name in its ASCII form, or an address.
    pub host: Host<String>,
    /// The port. If the URL names none, the default port of the scheme.
    pub port: u16,
}

/// A scheme that can be requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// HTTP without TLS.
    Http,
    /// HTTP over TLS.
    Https,
}

/// Why a URL cannot be requested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// A scheme other than http and https.
    #[error("the scheme {0:?} is not http or https")]
    Scheme(String),
    /// A relative URL without a base URL.
    #[error("the URL is relative")]
    Relative,
    /// There is no host.
    #[error("the URL has no host")]
    HostMissing,
    /// A port that is not a number from 1 to 65535.
    #[error("the port {0:?} is not a number from 1 to 65535")]
    Port(String),
    /// The text is not a URL. The value names the mistake.
    #[error("the URL is malformed: {0}")]
    Malformed(&'static str),
}

impl TargetError {
    const REFUSED: Self = Self::Malformed("it is not allowed in an HTTP request");
}

impl Scheme {
    /// `http` or `https`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port of a URL that names none: 80 or 443.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Target {
    /// Parses a URL. White space around it is ignored. A URL without a scheme is relative to `base`, the URL of the document
    /// that contains it. `//host/...` has the scheme of `base`, or https without a base.
    ///
    /// # Errors
    /// See [`TargetError`]. The message never contains the path or query, which may hold personal data.
    pub fn parse(raw: &str, base: Option<&Self>) -> Result<Self, TargetError> {
        Self::parse_usual(raw, base).unwrap_or_else(|| Self::parse_any(raw, base))
    }

    /// Like [`parse`](Self::parse), but only for a URL that is requested exactly as it is written: absolute, in canonical form, without a
    /// fragment, and with nothing to encode. Almost all URLs are of this kind. `None` for other URLs.
    fn parse_usual(raw: &str, base: Option<&Self>) -> Option<Result<Self, TargetError>> {
        if let Some((base, tail)) = base.and_then(|base| Some((base, base.tail_at_origin(raw)?))) {
            return is_sent(tail).then(|| match raw.len() {
                ..=CERTAINLY_SHORT => Self::at_origin(base, raw.into(), tail.len()),
                _ => Self::of_text(raw.into(), base.0.origin.clone()),
            });
        }
        let (scheme, rest) = match raw.strip_prefix("https://") {
            Some(rest) => (Scheme::Https, rest),
            None => (Scheme::Http, raw.strip_prefix("http://")?),
        };
        let (authority, tail) = rest.split_at_checked(rest.bytes().position(|byte| byte == b'/')?)?;
        if !is_sent(tail) {
            return None;
        }
        let origin = canonical_origin(scheme, authority)?;
        Some(Self::of_text(raw.into(), origin))
    }

    /// The path and query of `url` if it begins with the text of this origin. Many wrappers lead to the server that they come from.
    fn tail_at_origin<'u>(&self, url: &'u str) -> Option<&'u str> {
        let own_tail = self.0.uri.path_and_query()?.as_str().len();
        let origin = self.0.text.get(..self.0.text.len().checked_sub(own_tail)?)?;
        url.strip_prefix(origin).filter(|tail| tail.starts_with('/'))
    }

    /// [`parse`](Self::parse) for any URL.
    fn parse_any(raw: &str, base: Option<&Self>) -> Result<Self, TargetError> {
        let raw = raw.trim_matches(|c: char| c.is_whitespace() || c.is_control());
        if raw.is_empty() {
            return Err(TargetError::Malformed("it is empty"));
        }
        if let Some((scheme, rest)) = split_scheme(raw) {
            let scheme = parse_scheme(scheme)?;
            return match rest.strip_prefix("//") {
                Some(rest) => Self::assemble(scheme, rest),
                None => Err(TargetError::Malformed("the scheme is not followed by //")),
            };
        }
        if let Some(rest) = raw.strip_prefix("//") {
            return Self::assemble(base.map_or(Scheme::Https, |base| base.0.origin.scheme), rest);
        }
        let base = base.ok_or(TargetError::Relative)?;
        match raw.strip_prefix('/') {
            Some(rest) if !rest.starts_with('\\') => {
                let origin = base.0.origin.clone();
                Self::finish(start_of(&origin, raw), origin, raw)
            }
            _ => Self::join(base, raw),
        }
    }

    /// Whether `raw`, which may contain macros, has a scheme and so needs no base URL.
    pub(crate) fn is_absolute(raw: &str) -> bool {
        raw.split(['/', '?', '#']).next().is_some_and(|scheme| scheme.contains(':'))
    }

    /// Joins `path?x`, `?x` or `../path` to the base. These are rare, so a full URL parser may do it.
    fn join(base: &Self, raw: &str) -> Result<Self, TargetError> {
        let base = Url::parse(base.as_str()).map_err(|_| TargetError::Malformed("the base URL is malformed"))?;
        let joined = base.join(raw).map_err(|_| TargetError::Malformed("it does not fit its base URL"))?;
        let (scheme, rest) = split_scheme(joined.as_str()).ok_or(TargetError::Relative)?;
        Self::assemble(parse_scheme(scheme)?, rest.trim_start_matches('/'))
    }

    /// Parses `rest`, the text after `scheme://`.
    fn assemble(scheme: Scheme, rest: &str) -> Result<Self, TargetError> {
        // Browsers end the authority at a backslash, too. Otherwise `good.example\@evil.example` could mean either host.
        let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#' | b'\\')).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let origin = parse_origin(scheme, authority)?;
        Self::finish(start_of(&origin, tail), origin, tail)
    }

    /// The target whose text is `text`, the text of `origin`, and `tail`.
    fn finish(mut text: String, origin: Origin, tail: &str) -> Result<Self, TargetError> {
        if !tail.starts_with('/') {
            text.push('/');
        }
        push_sendable(&mut text, tail);
        Self::of_text(text.into(), origin)
    }

    /// The target with this text, which is the text of `origin` with a path that may be sent.
    fn of_text(text: Arc<str>, origin: Origin) -> Result<Self, TargetError> {
        // The parts of the URI are parts of the text, which is not copied.
        let uri = Uri::from_maybe_shared(Bytes::from_owner(SharedText(Arc::clone(&text))));
        let uri = uri.map_err(|_| TargetError::REFUSED)?;
        Ok(Self(Arc::new(ParsedUrl { text, uri, origin })))
    }

    /// The target with this text, which is that of the origin of `base` and of a path that may be sent. The last `tail` bytes are the path.
    /// The scheme and the authority are those of `base` and are not parsed again.
    fn at_origin(base: &Self, text: Arc<str>, tail: usize) -> Result<Self, TargetError> {
        let bytes = Bytes::from_owner(SharedText(Arc::clone(&text)));
        let path =
            PathAndQuery::from_maybe_shared(bytes.slice(text.len() - tail..)).map_err(|_| TargetError::REFUSED)?;
        let mut parts = Parts::default();
        parts.scheme = base.0.uri.scheme().cloned();
        parts.authority = base.0.uri.authority().cloned();
        parts.path_and_query = Some(path);
        let uri = Uri::from_parts(parts).map_err(|_| TargetError::REFUSED)?;
        Ok(Self(Arc::new(ParsedUrl { text, uri, origin: base.0.origin.clone() })))
    }

    /// The origin that is requested.
    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// The URL in the form that is requested.
    pub fn uri(&self) -> &Uri {
        &self.0.uri
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The URL as shared text.
    pub(crate) fn text(&self) -> Arc<str> {
        Arc::clone(&self.0.text)
    }
}

/// Whether this path and query can be sent as they are written, because they have no character that must be encoded.
fn is_sent(tail: &str) -> bool {
    tail.bytes().all(|byte| IS_SENT[usize::from(byte)])
}

fn split_scheme(raw: &str) -> Option<(&str, &str)> {
    let end = raw.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))?;
    let (scheme, rest) = raw.split_at(end);
    let rest = rest.strip_prefix(':')?;
    scheme.starts_with(|c: char| c.is_ascii_alphabetic()).then_some((scheme, rest))
}

fn parse_scheme(scheme: &str) -> Result<Scheme, TargetError> {
    if scheme.eq_ignore_ascii_case("https") {
        Ok(Scheme::Https)
    } else if scheme.eq_ignore_ascii_case("http") {
        Ok(Scheme::Http)
    } else {
        Err(TargetError::Scheme(scheme.to_owned()))
    }
}

fn parse_origin(scheme: Scheme, authority: &str) -> Result<Origin, TargetError> {
    let host = split_at_last(authority, b'@').map_or(authority, |(_, host)| host);
    let (host, port) = split_port(host);
    if host.is_empty() {
        return Err(TargetError::HostMissing);
    }
    let host = plain_host(host).map_or_else(|| Host::parse(host), Ok);
    let host = host.map_err(|_| TargetError::Malformed("the host is not a name or an address"))?;
    let port = match port {
        None | Some("") => scheme.default_port(),
        Some(port) => parse_port(port)?,
    };
    Ok(Origin { scheme, host, port })
}

/// The origin whose text is the scheme and this authority; `None` if the text of the origin is another one.
fn canonical_origin(scheme: Scheme, authority: &str) -> Option<Origin> {
    let (host, port) = match split_at_last(authority, b':') {
        None => (authority, scheme.default_port()),
        Some((_, port)) if port.starts_with('0') => return None,
        Some((host, port)) => (host, parse_port(port).ok().filter(|port| *port != scheme.default_port())?),
    };
    Some(Origin { scheme, host: plain_host(host)?, port })
}

/// A host that the parser would not change: a name of small letters, digits and single hyphens, or an IPv4 address. The parser
/// knows all forms of a host, international names included, and takes much longer.
fn plain_host(host: &str) -> Option<Host<String>> {
    let (mut before, mut last_label) = (b'.', 0);
    for (at, byte) in host.bytes().enumerate() {
        let is_plain = match byte {
            b'a'..=b'z' | b'0'..=b'9' => true,
            b'.' | b'-' => before != byte,
            _ => false,
        };
        if !is_plain {
            return None;
        }
        if byte == b'.' {
            last_label = at + 1;
        }
        before = byte;
    }
    let last = host.get(last_label..)?;
    if last.starts_with(|first: char| first.is_ascii_digit()) {
        return host.parse().ok().map(Host::Ipv4);
    }
    (!last.is_empty()).then(|| Host::Domain(host.to_owned()))
}

/// The text of an origin, with room for `tail`.
fn start_of(origin: &Origin, tail: &str) -> String {
    let mut text = String::with_capacity(tail.len() + 48);
    // Writing into a String cannot fail.
    let _ = push_origin(&mut text, origin);
    text
}

/// Writes the text of an origin. Most hosts are names, which need no formatting.
fn push_origin(text: &mut impl fmt::Write, origin: &Origin) -> fmt::Result {
    text.write_str(origin.scheme.as_str())?;
    text.write_str("://")?;
    match &origin.host {
        Host::Domain(name) => text.write_str(name)?,
        address => write!(text, "{address}")?,
    }
    if origin.port == origin.scheme.default_port() { Ok(()) } else { write!(text, ":{}", origin.port) }
}

fn split_port(host_and_port: &str) -> (&str, Option<&str>) {
    match split_at_last(host_and_port, b':') {
        // The colons of an IPv6 address are inside its brackets.
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (host_and_port, None),
    }
}

/// The parts before and after the last `border`, an ASCII character. Authorities are short: looking at their bytes is faster than a search
/// for a character.
fn split_at_last(text: &str, border: u8) -> Option<(&str, &str)> {
    let at = text.bytes().rposition(|byte| byte == border)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn parse_port(port: &str) -> Result<u16, TargetError> {
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(number) if digits && number != 0 => Ok(number),
        _ => Err(TargetError::Port(port.chars().take(8).collect())),
    }
}

/// Bytes that are not allowed in an HTTP request line, besides control characters and those that are not ASCII. `{ } | [ ]` are not
/// allowed in a URI either (RFC 3986), but many ad tags contain them, servers accept them, and to encode them would change a signed
/// URL.
const NOT_SENT: [u8; 7] = *b" \"<>\\^`";

const UNSENDABLE: &AsciiSet = &{
    let mut set = CONTROLS.add(NOT_SENT[0]);
    let mut at = 1;
    while at < NOT_SENT.len() {
        set = set.add(NOT_SENT[at]);
        at += 1;
    }
    set
};

/// For each byte, whether a path or query with it is requested as it is. A number sign begins the fragment, which is not requested.
const IS_SENT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0x21;
    while byte < 0x7f {
        table[byte] = byte != b'#' as usize;
        byte += 1;
    }
    let mut at = 0;
    while at < NOT_SENT.len() {
        table[NOT_SENT[at] as usize] = false;
        at += 1;
    }
    table
};

/// Appends path and query, without the fragment.
fn push_sendable(text: &mut String, tail: &str) {
    let tail = tail.split_once('#').map_or(tail, |(before, _)| before);
    text.extend(utf8_percent_encode(tail, UNSENDABLE));
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.as_str()).finish()
    }
}

impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Target {}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        push_origin(f, self)
    }
}

#[cfg(test)]
mod tests;
