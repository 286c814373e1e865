//! Documents that stand as a text in something else: escaped as XML, escaped as a JSON string, or in a JSON object.

use crate::WarningCode;
use crate::xml::unescape;
use std::borrow::Cow;

/// A document that was taken out of what it stood in.
pub(crate) struct Opened {
    /// Where it began.
    pub(crate) start: usize,
    pub(crate) document: String,
    pub(crate) code: WarningCode,
    pub(crate) message: &'static str,
}

/// Why a text is not read although there is a document in it.
pub(crate) const SEVERAL: &str = "JSON with several documents in it";

/// The document in an input, where it is escaped or in a JSON object. `Ok(None)` where it is not.
///
/// # Errors
///
/// What is wrong, where the input is JSON in which more than one string is a document.
pub(crate) fn opened(input: &str) -> Result<Option<Opened>, &'static str> {
    let text = input.trim_start_matches(is_layout);
    let start = input.len() - text.len();
    if text.starts_with("&lt;") {
        let (code, message) = (WarningCode::EscapedDocument, "the document is escaped as a text");
        return Ok(Some(Opened { start, document: unescape(text).into_owned(), code, message }));
    }
    if text.starts_with(['{', '[', '"']) {
        return in_json(text, start);
    }
    if is_json_string(text) {
        let (code, message) = (WarningCode::EscapedJson, "the document is escaped as a JSON string");
        return Ok(Some(Opened { start, document: unescaped(text), code, message }));
    }
    Ok(None)
}

/// The text of a document without what it stands in: what [`parse`](crate::parse()) reads.
///
/// ```
/// let text = vast_xml::opened_text(r#"{"vast": "<VAST version=\"3.0\"/>"}"#);
/// assert_eq!(text, r#"<VAST version="3.0"/>"#);
/// ```
pub fn opened_text(input: &str) -> Cow<'_, str> {
    match opened(input) {
        Ok(Some(opened)) => Cow::Owned(opened.document),
        _ => Cow::Borrowed(input),
    }
}

fn is_layout(character: char) -> bool {
    matches!(character, '\0' | '\u{feff}' | ' ' | '\t' | '\r' | '\n')
}

/// Whether the first quote of the document is escaped, so that all of them are.
fn is_json_string(text: &str) -> bool {
    let first = memchr::memchr2(b'"', b'\'', text.as_bytes());
    text.starts_with('<') && first.is_some_and(|first| text[..first].ends_with("=\\"))
}

/// The one string of a JSON text that is a document.
fn in_json(text: &str, before: usize) -> Result<Option<Opened>, &'static str> {
    let mut found: Option<Opened> = None;
    let mut rest = text;
    while let Some(quote) = memchr::memchr(b'"', rest.as_bytes()) {
        let string = &rest[quote + 1..];
        let Some(end) = string_end(string) else { break };
        if begins_document(&string[..end]) {
            if found.is_some() {
                return Err(SEVERAL);
            }
            let start = before + text.len() - string.len();
            let (code, message) = (WarningCode::EscapedJson, "the document stands as a string in JSON");
            found = Some(Opened { start, document: unescaped(&string[..end]), code, message });
        }
        rest = &string[end + 1..];
    }
    Ok(found)
}

/// Where a JSON string ends.
fn string_end(string: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr::memchr2(b'"', b'\\', string.get(from..)?.as_bytes())?;
        if string.as_bytes()[at] == b'"' {
            return Some(at);
        }
        from = at + 2;
    }
}

/// Whether a JSON string, still escaped, begins as VAST or VMAP.
fn begins_document(string: &str) -> bool {
    // The beginning is enough, and a few hundred bytes hold every XML declaration.
    let mut end = string.len().min(600);
    while !string.is_char_boundary(end) {
        end -= 1;
    }
    let text = unescaped(&string[..end]);
    let mut text = text.trim_start_matches(is_layout);
    while text.starts_with("<?") || text.starts_with("<!") {
        let Some(close) = text.find('>') else { return true };
        text = text[close + 1..].trim_start_matches(is_layout);
    }
    let Some(name) = text.strip_prefix('<') else { return false };
    let name = name.split(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')).next().unwrap_or_default();
    let local = name.rsplit(':').next().unwrap_or_default();
    ["VAST", "VMAP", "VideoAdServingTemplate"].iter().any(|known| known.eq_ignore_ascii_case(local))
}

/// A JSON string without its escapes. What is no escape stays as it is.
fn unescaped(string: &str) -> String {
    let mut out = String::with_capacity(string.len());
    let mut rest = string;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let (character, length) = escape(&rest[at..]);
        out.push(character);
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    out
}

/// What an escape stands for, and how long it is.
fn escape(text: &str) -> (char, usize) {
    match text.as_bytes().get(1) {
        Some(quoted @ (b'"' | b'\'' | b'\\' | b'/')) => (char::from(*quoted), 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(b'b' | b'f') => (' ', 2),
        Some(b'u') => match (unit(&text[2..]), text.get(6..8), text.get(8..).and_then(unit)) {
            (Some(high @ 0xd800..0xdc00), Some("\\u"), Some(low @ 0xdc00..0xe000)) => {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                (char::from_u32(code).unwrap_or('\u{fffd}'), 12)
            }
            (Some(code), ..) => (char::from_u32(code).unwrap_or('\u{fffd}'), 6),
            (None, ..) => ('\\', 1),
        },
        _ => ('\\', 1),
    }
}

/// Four hexadecimal digits.
fn unit(text: &str) -> Option<u32> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once() {
        for (escaped, plain) in [
            (r#"a\"b\/c\\n"#, "a\"b/c\\n"),
            (r"\u0041\u00e9\ud83d\ude00\n", "Aé😀\n"),
            (r"\ud83d", "\u{fffd}"),
            (r"\u12é \x \", r"\u12é \x \"),
        ] {
            assert_eq!(unescaped(escaped), plain);
        }
    }
}
