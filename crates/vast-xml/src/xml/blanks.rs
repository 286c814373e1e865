//! Removes blanks (white space) at the ends of texts. Nearly all texts have none, so the check of one byte is usually enough.

use crate::sixteen::{Sixteen, WIDTH, first};
use memchr::memchr;
use std::borrow::Cow;

/// The text without the blanks at its ends.
pub(crate) fn trim(text: &str) -> &str {
    trim_end(trim_start(text))
}

/// The text without the blanks at its beginning.
pub(super) fn trim_start(text: &str) -> &str {
    if text.as_bytes().first().is_some_and(is_plain) { text } else { text.trim_start() }
}

/// The text without the blanks at its end.
pub(super) fn trim_end(text: &str) -> &str {
    if text.as_bytes().last().is_some_and(is_plain) { text } else { text.trim_end() }
}

/// Whether a text has only blanks.
pub(super) fn is_blank(text: &str) -> bool {
    let rest = text.trim_ascii_start();
    rest.is_empty() || trim(rest).is_empty()
}

/// The text with line ends as XML requires them (XML 1.0, section 2.11): CR LF and CR become LF.
pub(crate) fn with_line_feeds(text: &str) -> Cow<'_, str> {
    match memchr(b'\r', text.as_bytes()) {
        Some(_) => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        None => Cow::Borrowed(text),
    }
}

/// Whether a byte is white space in XML.
pub(super) fn is_layout(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// How many bytes of XML white space the text begins with.
#[inline(always)]
pub(super) fn layout(text: &[u8]) -> usize {
    // A branch, which the processor predicts: it would have to wait for the number that the loop counts.
    if text.first().is_some_and(|byte| *byte > b' ') {
        return 0;
    }
    // The white space is usually a line feed and the indentation of the next line.
    let mut count = usize::from(text.first() == Some(&b'\n'));
    for chunk in text[count..].as_chunks::<WIDTH>().0 {
        let other = first(WIDTH) & !Sixteen::of(chunk).equal(b' ');
        if other != 0 {
            count += other.trailing_zeros() as usize;
            break;
        }
        count += WIDTH;
    }
    if text.get(count).is_some_and(|byte| *byte > b' ') {
        return count;
    }
    count + text[count..].iter().take_while(|byte| is_layout(**byte)).count()
}

/// Whether there is a control character of ASCII in the text, such as a line break or a tab.
#[inline(always)]
pub(super) fn has_control(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk::<16>() else { return text.iter().any(|byte| *byte < b' ') };
    // The least byte at each place: one vector instruction for 16 bytes.
    let mut least = *last;
    for chunk in text.as_chunks::<16>().0 {
        for (least, byte) in least.iter_mut().zip(chunk) {
            *least = (*least).min(*byte);
        }
    }
    const ONES: u128 = u128::MAX / 255;
    let least = u128::from_le_bytes(least);
    least.wrapping_sub(0x20 * ONES) & !least & (0x80 * ONES) != 0
}

/// Whether a byte is a visible ASCII character.
fn is_plain(byte: &u8) -> bool {
    matches!(byte, b'!'..=b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_of_any_length_is_counted() {
        for length in 0..40 {
            for (first, end) in [("", "<"), ("\n", "x"), ("\r\n", "\u{a0}"), ("\n\t \n", "\u{1}"), (" ", "")] {
                let blanks = first.to_owned() + &" ".repeat(length);
                assert_eq!(layout((blanks.clone() + end).as_bytes()), blanks.len(), "{blanks:?}{end:?}");
            }
        }
    }

    #[test]
    fn all_kinds_of_blanks_are_removed_and_nothing_else() {
        for (text, trimmed) in
            [("a", "a"), (" a b\n", "a b"), ("\u{a0}a\u{3000}", "a"), ("é", "é"), ("\té ", "é"), ("", "")]
        {
            assert_eq!(trim(text), trimmed);
        }
        assert!([" \t\r\n", "", "\u{a0}", " \u{a0} "].into_iter().all(is_blank));
        assert!(!is_blank(" é "));
    }
}
