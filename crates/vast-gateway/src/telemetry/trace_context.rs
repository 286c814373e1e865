//! The ids of a trace, and the header `traceparent` (W3C Trace Context).

use std::fmt;

use http::HeaderMap;
use http::header::HeaderName;
use serde::{Serialize, Serializer};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// The length of version 00 of the header.
const LENGTH: usize = 55;

/// The id of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TraceId(pub(super) u128);

/// The id of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SpanId(pub(super) u64);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for TraceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for SpanId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The trace of a caller: the content of its header `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TraceContext {
    pub(super) trace: TraceId,
    pub(super) parent: SpanId,
    /// Whether the caller keeps the trace.
    pub(super) is_sampled: bool,
}

impl TraceContext {
    /// The trace in the headers of a request. A header that is malformed, or that is there twice, counts as absent.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(TRACEPARENT).iter();
        let value = values.next()?.to_str().ok()?;
        if values.next().is_some() { None } else { Self::parse(value) }
    }

    /// Reads version 00, and the part of later versions that is the same (W3C Trace Context section 3.2.2).
    fn parse(text: &str) -> Option<Self> {
        let (known, rest) = text.split_at_checked(LENGTH)?;
        let mut parts = known.split('-');
        let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let version = hex(version, 2)?;
        let is_whole = if version == 0 { rest.is_empty() } else { rest.is_empty() || rest.starts_with('-') };
        if parts.next().is_some() || version == 0xff || !is_whole {
            return None;
        }
        let (trace, parent) = (hex(trace, 32)?, u64::try_from(hex(parent, 16)?).ok()?);
        let is_sampled = hex(flags, 2)? & 1 == 1;
        (trace != 0 && parent != 0).then_some(Self { trace: TraceId(trace), parent: SpanId(parent), is_sampled })
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace, self.parent, u8::from(self.is_sampled))
    }
}

/// The value of this number of hexadecimal digits, without capital letters.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_right = text.len() == digits && text.bytes().all(is_hex);
    if is_right { u128::from_str_radix(text, 16).ok() } else { None }
}

/// The trace of a request that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestTrace {
    pub(super) trace: TraceId,
    /// The span of the request.
    pub(super) root: SpanId,
    /// The span of the caller.
    pub(super) parent: Option<SpanId>,
    /// Whether the trace is kept however the request ends: the caller keeps it, or it was drawn.
    pub(super) is_sampled: bool,
}

impl RequestTrace {
    /// The value of the header `traceparent` of requests to ad servers.
    pub(crate) fn traceparent(&self) -> String {
        let Self { trace, root, is_sampled, .. } = *self;
        TraceContext { trace, parent: root, is_sampled }.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_the_recommendation_says() {
        let ids = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";
        for (text, is_sampled) in [
            (format!("00-{ids}-01"), Some(true)),
            (format!("00-{ids}-00"), Some(false)),
            (format!("00-{ids}-ff"), Some(true)),
            // A later version may have more parts.
            (format!("01-{ids}-01"), Some(true)),
            (format!("cc-{ids}-01-what-comes-later"), Some(true)),
            (format!("cc-{ids}-01.x"), None),
            (format!("00-{ids}-01-x"), None),
            (format!("ff-{ids}-01"), None),
            (format!("00-{}-01", ids.to_uppercase()), None),
            (format!("00-{}-01", ids.replace("4bf9", "4bfg")), None),
            (format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), None),
            (format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{}-01", "0".repeat(16)), None),
            (format!("00-{ids}-1"), None),
            (format!("00-{ids}--1"), None),
            (format!("00_{ids}_01"), None),
            (format!("0-{ids}-001"), None),
            (format!("00-{}-01", "é".repeat(24)), None),
            (String::new(), None),
        ] {
            let read = TraceContext::parse(&text);
            assert_eq!(read.map(|read| read.is_sampled), is_sampled, "{text}");
            if text.starts_with("00-") && text.len() == LENGTH && !text.ends_with("ff") {
                assert!(read.is_none_or(|read| read.to_string() == text), "{text}");
            }
        }
    }

    #[test]
    fn a_header_that_is_there_twice_counts_as_absent() {
        let value = http::HeaderValue::from_static("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let mut headers = HeaderMap::from_iter([(TRACEPARENT, value.clone())]);
        assert!(TraceContext::of(&headers).is_some());
        headers.append(TRACEPARENT, value);
        assert_eq!(TraceContext::of(&headers), None);
    }
}
