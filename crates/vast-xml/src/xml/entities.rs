//! Character and entity references. Only the five entities that XML predefines are known, because document type
//! declarations are refused.

use memchr::memchr;
use std::borrow::Cow;

/// The character of a reference. `name` is the text between `&` and `;`.
pub(crate) fn resolve(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => character(name.strip_prefix('#')?),
    }
}

fn character(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|character| *character != '\0')
}

/// Decodes every reference once. An ampersand that begins no known reference stays as it is.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut decoded = String::with_capacity(text.len());
    let (before, mut rest) = text.split_at(first);
    decoded.push_str(before);
    while let Some(after) = rest.strip_prefix('&') {
        rest = match reference(after) {
            Some((character, behind)) => {
                decoded.push(character);
                behind
            }
            None => {
                decoded.push('&');
                after
            }
        };
        let (plain, next) = rest.split_at(memchr(b'&', rest.as_bytes()).unwrap_or(rest.len()));
        decoded.push_str(plain);
        rest = next;
    }
    Cow::Owned(decoded)
}

/// Reads a reference that begins right after its ampersand.
fn reference(after: &str) -> Option<(char, &str)> {
    // The longest reference is `#x10FFFF`, and it may have a few leading zeros, so 12 bytes are enough.
    let end = after.bytes().take(12).position(|byte| byte == b';')?;
    Some((resolve(&after[..end])?, &after[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_once_and_leaves_the_rest() {
        let cases = [
            ("a&amp;b", "a&b"),
            ("&amp;amp;", "&amp;"),
            ("&lt;p title=&quot;x&quot;&gt;&apos;", "<p title=\"x\">'"),
            ("&#65;&#x42;&#X43;", "ABC"),
            ("a=1&b=2", "a=1&b=2"),
            ("&copy;&nosuch;", "&copy;&nosuch;"),
            ("&#0;&#xD800;&#x110000;&#;", "&#0;&#xD800;&#x110000;&#;"),
            ("&", "&"),
            ("é&é;", "é&é;"),
        ];
        for (text, decoded) in cases {
            assert_eq!(unescape(text), decoded);
        }
    }
}
