//! The values in the queries of the URLs that a text contains.

use std::ops::Range;

use super::decoded_text::DecodedText;

/// How deep a URL in a value of a URL is looked for.
const MOST_LEVELS: u8 = 4;

/// Calls `visit` with the name of each value in a query and with the range of the value, in order. Absolute and relative URLs are
/// recognized; also `;` and `#` of a URL begin a query. If `visit` returns false, the URLs in the value are visited too.
pub(super) fn visit(text: &DecodedText, visit: &mut dyn FnMut(&[u8], Range<usize>) -> bool) {
    let bytes = text.bytes();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr3(b'?', b';', b'#', rest)) {
        let begins = at + found;
        let start = (at..begins).rev().find(|index| ends_url(text, *index)).map_or(at, |before| before + 1);
        let end = (begins..bytes.len()).find(|index| ends_url(text, *index)).unwrap_or(bytes.len());
        of_url(text, start..end, 0, visit);
        at = end + 1;
    }
}

/// Whether the byte cannot be in a URL, as it is written in XML, JSON or a header.
fn ends_url(text: &DecodedText, index: usize) -> bool {
    let Some(byte) = text.bytes().get(index) else { return true };
    let is_border = byte.is_ascii_whitespace() || matches!(byte, b'<' | b'>' | b'"' | b'\'' | b'`');
    is_border && text.depth(index) == 0
}

/// The values of a text without borders, which may be a URL.
fn of_url(text: &DecodedText, range: Range<usize>, level: u8, visit: &mut dyn FnMut(&[u8], Range<usize>) -> bool) {
    let Some(url) = text.bytes().get(range.clone()).filter(|_| level < MOST_LEVELS) else { return };
    let is_url = url.starts_with(b"/") || url.starts_with(b".") || memchr::memmem::find(url, b"://").is_some();
    let begins = if is_url { memchr::memchr3(b'?', b';', b'#', url) } else { memchr::memchr(b'?', url) };
    let Some(begins) = begins.map(|begins| range.start + begins) else { return };
    let depth = text.depth(begins);
    let is_structure = |index: usize| text.depth(index) <= depth;
    let mut pair: Option<QueryPair> = None;
    let mut from = begins + 1;
    // The query begins a pair, whatever character it begins with.
    let mut separator = b'&';
    while from <= range.end {
        let is_end = |index: &usize| matches!(text.bytes()[*index], b'&' | b';' | b'#') && is_structure(*index);
        let end = (from..range.end).find(is_end).unwrap_or(range.end);
        let equals = (from..end).find(|index| text.bytes()[*index] == b'=' && is_structure(*index));
        match &mut pair {
            // A `;` without a name behind it is a part of the value before it.
            Some(pair) if separator == b';' && equals.is_none() => pair.end = end,
            _ => {
                pair.take().into_iter().for_each(|pair| pair.visit(text, level, visit));
                pair = Some(QueryPair { start: from, equals, end });
            }
        }
        separator = text.bytes().get(end).copied().unwrap_or_default();
        from = end + 1;
    }
    pair.into_iter().for_each(|pair| pair.visit(text, level, visit));
}

/// A name and a value.
struct QueryPair {
    start: usize,
    /// Where the `=` is; `None` for a value without a name.
    equals: Option<usize>,
    end: usize,
}

impl QueryPair {
    fn visit(&self, text: &DecodedText, level: u8, visit: &mut dyn FnMut(&[u8], Range<usize>) -> bool) {
        let value = self.equals.map_or(self.start, |equals| equals + 1)..self.end;
        let name = self.equals.and_then(|equals| text.bytes().get(self.start..equals));
        // Behind parameters with `;`, the query may begin with another `?`.
        let name = name.and_then(|name| name.rsplit(|byte| *byte == b'?').next());
        let is_taken = name.is_some_and(|name| !value.is_empty() && visit(name, value.clone()));
        if !is_taken {
            of_url(text, value, level + 1, visit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_all_queries_are_found() {
        for (text, expected) in [
            (
                "<Impression><![CDATA[https://a/?id=1&cb=[CACHEBUSTING]&u=x%20y]]></Impression> http://b?q=2&amp;r=3#f ftp://c",
                "id=1 cb=[CACHEBUSTING] u=x y q=2 r=3",
            ),
            ("<VASTAdTagURI>/ad?uid=1&#38;b=2</VASTAdTagURI><X>../ad;c=3;d=4</X>", "uid=1 b=2 c=3 d=4"),
            ("<?xml version=\"1.0\"?><A>Why? a=b; c=d</A>", ""),
            ("https://a/?u=ab&#45;c%26d&amp;v=1]]><![CDATA[2", "u=ab-c&d v=12"),
            ("https://a/b;x=1;y=2;z?w=3", "x=1 y=2 w=3"),
            ("https://a/#token=1", "token=1"),
            ("https://a/?ua=A+(B;+C;+D)&x=1", "ua=A+(B;+C;+D) x=1"),
            ("https://a/?to=https%3A%2F%2Fb%2F%3Fuid%3D1%26v%3D2&w=3", "to=https://b/?uid=1&v=2 uid=1 v=2 w=3"),
            ("https://a/?to=https%3A%2F%2Fb%3Fuid=1&w=3", "to=https://b?uid=1 uid=1 w=3"),
            ("https://a/https%3A%2F%2Fb%3Fuid%3D1&w=3", "uid=1 w=3"),
            ("{\"url\":\"https:\\/\\/a?b=1\\u0026c=2\",\"d\":\"&quot;https://e?f=3&quot;g\"}", "b=1 c=2 f=3"),
            ("a?b=", ""),
        ] {
            let decoded = DecodedText::new(text.as_bytes());
            let mut found = Vec::new();
            visit(&decoded, &mut |name, value| {
                let value = String::from_utf8_lossy(&decoded.bytes()[value]).into_owned();
                found.push(format!("{}={value}", String::from_utf8_lossy(name)));
                false
            });
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_value_that_is_taken_is_not_searched() {
        let decoded = DecodedText::new(b"https://a/?to=https://b?c=1&d=2");
        let mut found = 0;
        visit(&decoded, &mut |_, _| {
            found += 1;
            true
        });
        assert_eq!(found, 2);
    }

    #[test]
    fn urls_in_urls_end() {
        let text = "https://a".to_owned() + &"?b=".repeat(100_000);
        let decoded = DecodedText::new(text.as_bytes());
        let mut found = 0;
        visit(&decoded, &mut |_, _| {
            found += 1;
            false
        });
        assert_eq!(found, usize::from(MOST_LEVELS));
    }
}
