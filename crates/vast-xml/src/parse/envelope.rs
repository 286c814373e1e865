//! Documents that are a text in another format: escaped as XML, escaped as a JSON string with or without its quotes, or a string
//! in JSON or JavaScript.

use crate::warning::WarningCode;
use crate::xml::unescape;
use std::borrow::Cow;

/// A document that was taken out of another format.
pub(crate) struct Opened {
    /// The offset in the input at which the document begins.
    pub(crate) start: usize,
    pub(crate) document: String,
    pub(crate) code: WarningCode,
    pub(crate) message: &'static str,
}

const SEVERAL: &str = "JSON with several documents in it";
const NONE: &str = "text in quotes that is no document";

/// The text that some servers put before JSON, so that browsers cannot run it as a script.
const JSON_GUARD: &str = ")]}'";

/// The most layers to remove. A document may be escaped and be in JSON as well.
const MOST_LAYERS: usize = 4;

/// The document, if the input contains it escaped, in JSON or in JavaScript. `Ok(None)` for any other input.
///
/// # Errors
///
/// A message if the input has several documents, or if it has texts with markup but none of them is a document.
pub(crate) fn opened(input: &str) -> Result<Option<Opened>, &'static str> {
    let Some(mut opened) = layer(input)? else { return Ok(None) };
    for _ in 1..MOST_LAYERS {
        match layer(&opened.document)? {
            Some(inner) => opened.document = inner.document,
            None => break,
        }
    }
    Ok(Some(opened))
}

fn layer(input: &str) -> Result<Option<Opened>, &'static str> {
    let text = input.trim_start_matches(is_layout);
    let start = input.len() - text.len();
    if text.starts_with('<') && !has_early_backslash(text) {
        return Ok(None);
    }
    if text.starts_with(['<', '\\']) {
        let is_escaped = is_json_string(text)
            || is_json_string(without_prolog(text))
            || (text.starts_with('\\') && begins_document(text));
        let (code, message) = (WarningCode::EscapedJson, "the document is escaped as a JSON string");
        return Ok(is_escaped.then(|| Opened { start, document: unescaped(text), code, message }));
    }
    if is_reference(text) {
        let (code, message) = (WarningCode::EscapedDocument, "the document is escaped as a text");
        return Ok(Some(Opened { start, document: unescape(text).into_owned(), code, message }));
    }
    if is_code(text) { in_quotes(text, start) } else { Ok(None) }
}

/// The text of a document, taken out of JSON, JavaScript or escapes, as [`parse`](crate::parse()) reads it.
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

/// Whether a text begins with an escaped `<`, once or twice.
fn is_reference(text: &str) -> bool {
    text.starts_with('&') && ["&lt;", "&#60;", "&#x3c;", "&#x3C;", "&amp;lt;"].iter().any(|one| text.starts_with(one))
}

/// Whether there is a backslash before the first quote after the prolog. Without one, no quote is escaped.
fn has_early_backslash(text: &str) -> bool {
    let rest = without_prolog(text).as_bytes();
    let quote = memchr::memchr2(b'"', b'\'', rest).unwrap_or(rest.len());
    memchr::memchr(b'\\', &text.as_bytes()[..text.len() - rest.len() + quote]).is_some()
}

/// Whether the first quote of the document is escaped as in a JSON string. Then all quotes are.
fn is_json_string(text: &str) -> bool {
    let first = memchr::memchr2(b'"', b'\'', text.as_bytes()).unwrap_or(text.len());
    let (before, quote) = text.split_at(first);
    let is_escaped = !quote.is_empty() && before.ends_with('\\') && before.trim_end_matches('\\').ends_with('=');
    // Four searches cost as much as reading several elements, and a document without a backslash needs none of them.
    let has_escapes = || memchr::memchr(b'\\', before.as_bytes()).is_some();
    is_escaped || (has_escapes() && ESCAPED_QUOTES.iter().any(|quote| is_in_tag(before, quote)))
}

/// The beginnings of an attribute value whose quote is written as a number. They count only in a start tag, because a URL may
/// contain them too.
const ESCAPED_QUOTES: [&str; 4] = ["=\\u0022", "=\\u0027", "=\\x22", "=\\x27"];

/// Whether the first occurrence of `part` is in a tag.
fn is_in_tag(text: &str, part: &str) -> bool {
    text.find(part).is_some_and(|at| text[..at].rfind('<') > text[..at].rfind('>'))
}

/// The text from the root element on, if it begins with an XML declaration, comments or a document type.
fn without_prolog(text: &str) -> &str {
    let mut rest = text;
    while rest.starts_with("<?") || rest.starts_with("<!") {
        let Some(end) = memchr::memchr(b'>', rest.as_bytes()) else { break };
        rest = rest[end + 1..].trim_start_matches(is_layout);
    }
    rest
}

/// Whether a text that does not begin with markup is JSON, a call in JavaScript, or another text with quotes around markup.
fn is_code(text: &str) -> bool {
    let head = &text[..memchr::memchr(b'<', text.as_bytes()).unwrap_or(text.len())];
    let name = head.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.'));
    head.starts_with(['{', '[', '"', '\''])
        || (name.len() < head.len() && name.trim_start().starts_with('('))
        || head.trim_end_matches(is_layout).ends_with(['"', '\''])
}

/// The only text in quotes that is a document.
fn in_quotes(text: &str, before: usize) -> Result<Option<Opened>, &'static str> {
    let mut found: Option<Opened> = None;
    let mut has_markup = false;
    // Skip the guard: the quote in it does not begin a string.
    let mut rest = text.strip_prefix(JSON_GUARD).unwrap_or(text);
    while let Some(quote) = memchr::memchr2(b'"', b'\'', rest.as_bytes()) {
        // The input is not JSON if there is markup outside quotes.
        if !has_markup && rest[..quote].contains('<') {
            break;
        }
        let string = &rest[quote + 1..];
        let Some(end) = string_end(string, rest.as_bytes()[quote]) else { break };
        has_markup |= string[..end].contains('<');
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
    if found.is_none() && has_markup { Err(NONE) } else { Ok(found) }
}

/// The index of the closing quote of a string.
fn string_end(string: &str, quote: u8) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr::memchr2(quote, b'\\', string.as_bytes().get(from..)?)?;
        if string.as_bytes()[at] == quote {
            return Some(at);
        }
        from = at + 2;
    }
}

/// Whether a JSON string, still escaped, begins as VAST or VMAP.
fn begins_document(string: &str) -> bool {
    // The beginning is enough, and 600 bytes are more than an XML declaration has.
    let mut end = string.len().min(600);
    while !string.is_char_boundary(end) {
        end -= 1;
    }
    let text = unescaped(&string[..end]);
    let text = text.trim_start_matches(is_layout);
    let text = if is_reference(text) { unescape(text) } else { Cow::Borrowed(text) };
    // The prolog is longer than the beginning that was decoded, so assume that a document follows it.
    let text = without_prolog(&text);
    if text.is_empty() || text.starts_with("<?") || text.starts_with("<!") {
        return end < string.len();
    }
    let Some(name) = text.strip_prefix('<') else { return false };
    let name = name.split(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')).next().unwrap_or_default();
    let local = name.rsplit(':').next().unwrap_or_default();
    ["VAST", "VMAP", "VideoAdServingTemplate", "DAAST"].iter().any(|known| known.eq_ignore_ascii_case(local))
}

/// A JSON string with its escapes decoded. A backslash that begins no escape stays.
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

/// The character of the escape at the beginning of the text, and the length of the escape.
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
        // An escape of JavaScript, not of JSON.
        Some(b'x') => match text.get(2..4).map(|digits| u8::from_str_radix(digits, 16)) {
            Some(Ok(code)) => (char::from(code), 4),
            _ => ('\\', 1),
        },
        _ => ('\\', 1),
    }
}

/// The value of four hexadecimal digits.
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
