//! The key of a cached document.

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;

/// Identifies a cached document: the source, the URL without the values that differ in each request, and the headers that are sent
/// on behalf of the viewer. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey(Arc<[u8]>);

impl CacheKey {
    /// The key of a document of `source`. `salt` is a hash of the settings of the source that are sent with each request.
    pub(crate) fn new(source: &str, salt: u64, url: &str, headers: &HeaderMap) -> Self {
        let mut sorted: Vec<(&str, &[u8])> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        // Values of the same name keep their order.
        sorted.sort_by_key(|(name, _)| *name);
        let mut bytes = salt.to_be_bytes().to_vec();
        let parts = [source.as_bytes(), b"GET", url.as_bytes()];
        let headers = sorted.into_iter().flat_map(|(name, value)| [name.as_bytes(), value]);
        for part in parts.into_iter().chain(headers) {
            // The length before each part separates it from the next one.
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part);
        }
        Self(bytes.into())
    }

    pub(super) fn size(&self) -> usize {
        self.0.len()
    }
}

/// A key holds data about the viewer, so only its size is shown.
impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheKey").field("size", &self.size()).finish()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn key(source: &str, salt: u64, url: &str, headers: &[(&'static str, &'static str)]) -> CacheKey {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers.iter().map(pair) {
            map.append(name, value);
        }
        CacheKey::new(source, salt, url, &map)
    }

    #[test]
    fn every_part_makes_another_key() {
        let all = [
            key("a", 0, "https://x/", &[]),
            key("b", 0, "https://x/", &[]),
            key("a", 1, "https://x/", &[]),
            key("a", 0, "https://x/?", &[]),
            key("a", 0, "https://x/", &[("x-device-ip", "192.0.2.1")]),
            key("a", 0, "https://x/", &[("x-device-ip", "192.0.2.2")]),
            key("a", 0, "https://x/", &[("x-device-ip", ""), ("x-device-ua", "192.0.2.1")]),
            key("a", 0, "https://x/x-device-ip192.0.2.1", &[]),
        ];
        for (number, one) in all.iter().enumerate() {
            assert_eq!(all.iter().position(|other| other == one), Some(number));
        }
    }

    #[test]
    fn the_order_of_headers_makes_no_difference() {
        let one = key("a", 0, "u", &[("x-device-ip", "1"), ("x-device-ua", "2")]);
        let other = key("a", 0, "u", &[("x-device-ua", "2"), ("x-device-ip", "1")]);
        assert_eq!(one, other);
    }
}
