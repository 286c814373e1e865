//! The values in the queries of the URLs that a text contains.

use std::ops::Range;

/// A value of a query, and its name, as ranges of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QueryValue {
    pub(super) name: Range<usize>,
    pub(super) bytes: Range<usize>,
}

/// The values in the queries of all absolute URLs in `text`, in order. Both `&` and `&amp;` separate them.
pub(super) fn ranges(text: &[u8]) -> Vec<QueryValue> {
    let mut values = Vec::new();
    let mut at = 0;
    while let Some(colon) = find(text, b"://", at) {
        at = colon + 3;
        let end = text.iter().skip(at).position(|byte| ends_url(*byte)).map_or(text.len(), |length| at + length);
        if let Some(question) = text[at..end].iter().position(|byte| *byte == b'?') {
            let query = at + question + 1..end;
            values.extend(of_query(text, query));
        }
        at = end;
    }
    values
}

fn find(text: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    text.get(from..)?.windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
}

/// Whether the byte cannot be in a URL, as it is written in XML, JSON or a header. `]` ends a CDATA section, but also a macro.
fn ends_url(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'<' | b'>' | b'"' | b'\'' | b'`')
}

fn of_query(text: &[u8], query: Range<usize>) -> Vec<QueryValue> {
    let mut values = Vec::new();
    let mut at = query.start;
    while at < query.end {
        let rest = &text[at..query.end];
        let length = rest.iter().position(|byte| matches!(byte, b'&' | b'#' | b';')).unwrap_or(rest.len());
        let pair = &rest[..length];
        let pair = pair.strip_suffix(b"]]").unwrap_or(pair);
        if let Some(equals) = pair.iter().position(|byte| *byte == b'=') {
            values.push(QueryValue { name: at..at + equals, bytes: at + equals + 1..at + pair.len() });
        }
        at += length + 1;
        let rest = text.get(at..query.end).unwrap_or_default();
        at += if rest.starts_with(b"amp;") { 4 } else { 0 };
    }
    values.retain(|value| !value.bytes.is_empty());
    values
}

/// The value without percent-encoding.
pub(super) fn decoded(encoded: &[u8]) -> Vec<u8> {
    percent_encoding::percent_decode(encoded).collect()
}

/// The placeholder for a value in its percent-encoded form. `placeholder` gives that of the decoded value, which is equally long. The
/// bytes that are encoded stay so.
pub(super) fn placeholder(encoded: &[u8], placeholder: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut places = Vec::with_capacity(encoded.len());
    let mut at = 0;
    while let Some(byte) = encoded.get(at) {
        let digits = encoded.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let hexadecimal = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        places.push((at, hexadecimal.is_some()));
        decoded.push(hexadecimal.unwrap_or(*byte));
        at += if hexadecimal.is_some() { 3 } else { 1 };
    }
    let mut written = encoded.to_vec();
    for ((at, is_encoded), new) in places.into_iter().zip(placeholder(&decoded)) {
        if is_encoded {
            written[at + 1..at + 3].copy_from_slice(format!("{new:02X}").as_bytes());
        } else {
            written[at] = new;
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_all_queries_are_found() {
        let text = b"<Impression><![CDATA[https://a/?id=1&cb=[CACHEBUSTING]&u=x%20y]]></Impression> http://b?q=2&amp;r=3#f ftp://c";
        let found: Vec<_> = ranges(text)
            .into_iter()
            .map(|value| {
                [value.name, value.bytes].map(|range| String::from_utf8_lossy(&text[range]).into_owned()).join("=")
            })
            .collect();
        assert_eq!(found, ["id=1", "cb=[CACHEBUSTING]", "u=x%20y", "q=2", "r=3"]);
    }

    #[test]
    fn encoded_bytes_stay_encoded() {
        let next = |decoded: &[u8]| {
            decoded.iter().map(|byte| if byte.is_ascii_alphanumeric() { byte + 1 } else { *byte }).collect()
        };
        assert_eq!(placeholder(b"a%2Fb%61c%", next), b"b%2Fc%62d%");
    }
}
