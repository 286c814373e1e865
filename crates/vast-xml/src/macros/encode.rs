//! Encodes the values of macros for URLs (VAST 4.3, section 6.1).

use std::borrow::Cow;
use std::time::Duration;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Percent-encodes a value as ECMAScript's `encodeURIComponent` does: ASCII letters, digits and `-_.!~*'()` are not
/// changed.
pub fn encode(value: &str) -> Cow<'_, str> {
    if value.bytes().all(is_plain) {
        return Cow::Borrowed(value);
    }
    let mut encoded = String::with_capacity(value.len() + value.len() / 2);
    push(&mut encoded, value);
    Cow::Owned(encoded)
}

/// Appends the encoded value.
pub(super) fn push(encoded: &mut String, value: &str) {
    let mut rest = value;
    while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
        encoded.push_str(&rest[..at]);
        // Plain bytes are ASCII, so a character begins here.
        let after = at + rest[at..].chars().next().map_or(1, char::len_utf8);
        for byte in rest[at..after].bytes() {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            encoded.push('%');
            encoded.extend(digits.map(char::from));
        }
        rest = &rest[after..];
    }
    encoded.push_str(rest);
}

/// Whether each byte stays as it is.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < plain.len() {
        plain[byte] = matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9')
            || matches!(byte as u8, b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')');
        byte += 1;
    }
    plain
};

fn is_plain(byte: u8) -> bool {
    PLAIN[usize::from(byte)]
}

/// A position in media in the form of the playhead macros: `HH:MM:SS.mmm`.
pub fn timecode(position: Duration) -> String {
    let seconds = position.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", seconds % 60, position.subsec_millis())
}
