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
    for byte in value.bytes() {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            encoded.push('%');
            encoded.extend(digits.map(char::from));
        }
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte)
}

/// A position in media in the form of the playhead macros: `HH:MM:SS.mmm`.
pub fn timecode(position: Duration) -> String {
    let seconds = position.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", seconds % 60, position.subsec_millis())
}
