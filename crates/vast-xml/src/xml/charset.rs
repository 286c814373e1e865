//! Converts a document to UTF-8. The byte order mark names the encoding, else the HTTP charset, else the XML declaration;
//! the default is UTF-8.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;
use std::ops::Range;

/// A document as text. The offset of a [`Position`](crate::Position) is a byte of this text, plus `cut`.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    /// The text, without a byte order mark.
    pub text: Cow<'a, str>,
    /// The length in bytes of the UTF-8 byte order mark that was removed; 0 if there was none or the encoding is another one.
    pub cut: usize,
    /// The problem, if there is one: some bytes did not fit the character set and became U+FFFD, or the announced
    /// character set cannot be right.
    pub complaint: Option<&'static str>,
}

/// Decodes a document as [`parse`](crate::parse()) does. `charset` is the character set of the HTTP header. The order
/// of precedence is: byte order mark, `charset`, XML declaration, UTF-8.
pub fn decode<'a>(input: &'a [u8], charset: Option<&str>) -> Decoded<'a> {
    if let Some((encoding, mark)) = Encoding::for_bom(input) {
        let cut = if encoding == UTF_8 { mark } else { 0 };
        return Decoded { cut, ..convert(&input[mark..], encoding) };
    }
    match announced(input, charset) {
        Some(encoding) if is_wide(encoding) && !looks_wide(input) => {
            let complaint = Some("announced as UTF-16 but written in single bytes");
            Decoded { complaint, ..convert(input, UTF_8) }
        }
        Some(encoding) => convert(input, encoding),
        None => convert(input, UTF_8),
    }
}

/// The beginning of nearly all documents.
const USUAL: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

fn announced(input: &[u8], charset: Option<&str>) -> Option<&'static Encoding> {
    if charset.is_none() && input.starts_with(USUAL) {
        return Some(UTF_8);
    }
    let label = |label: &str| match label {
        "UTF-8" | "utf-8" => Some(UTF_8),
        _ => Encoding::for_label(label.trim_matches(['"', '\'', ' ']).as_bytes()),
    };
    let in_declaration = || std::str::from_utf8(&input[declared(input)?]).ok();
    charset.and_then(label).or_else(|| wide(input)).or_else(|| label(in_declaration()?))
}

/// Recognizes UTF-16 without a byte order mark by the zero byte beside the first `<`.
fn wide(input: &[u8]) -> Option<&'static Encoding> {
    match input {
        [b'<', 0, ..] => Some(UTF_16LE),
        [0, b'<', ..] => Some(UTF_16BE),
        _ => None,
    }
}

fn is_wide(encoding: &Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

fn looks_wide(input: &[u8]) -> bool {
    input.iter().take(16).any(|byte| *byte == 0)
}

/// The range of the value of `encoding` in the XML declaration, if there is one.
pub(crate) fn declared(input: &[u8]) -> Option<Range<usize>> {
    let behind = input.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = memchr::memchr_iter(b'>', behind).find(|end| behind[..*end].ends_with(b"?"))? - 1;
    let declaration = &behind[..end.min(256)];
    let value = declaration.windows(8).position(|word| word == b"encoding")? + 8;
    let value = declaration[value..].trim_ascii_start();
    let value = value.strip_prefix(b"=")?.trim_ascii_start();
    let (quote, label) = value.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    let start = input.len() - behind.len() + declaration.len() - label.len();
    Some(start..start + memchr::memchr(*quote, label)?)
}

fn convert<'a>(input: &'a [u8], encoding: &'static Encoding) -> Decoded<'a> {
    let (text, malformed) = encoding.decode_without_bom_handling(input);
    let complaint = malformed.then_some("bytes that do not fit the character set");
    Decoded { text, cut: 0, complaint }
}

/// Whether XML 1.0 (section 2.2) allows the character. It forbids the others even as references.
pub(crate) fn is_allowed(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// The text without the characters that XML forbids.
pub(crate) fn with_forbidden_dropped(text: &str) -> Cow<'_, str> {
    match text.chars().all(is_allowed) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.chars().filter(|character| is_allowed(*character)).collect()),
    }
}
