//! Finds values in texts, whatever their encoding, and replaces them in place.

use memchr::memmem::Finder;

use super::decoded_text::DecodedText;

/// A shorter value is not searched: it would be found in other words.
const SHORTEST: usize = 4;
/// A value from this length on is also replaced inside of words.
const LONG: usize = 8;

/// A value and its placeholder, which are equally long.
struct Needle {
    /// The value in the form of [`searched`].
    finder: Finder<'static>,
    placeholder: Vec<u8>,
    is_word: bool,
}

/// The values that are replaced wherever they occur.
#[derive(Default)]
pub(super) struct Needles(Vec<Needle>);

impl Needles {
    /// Replaces `value` by `placeholder` from now on. `is_word` means that it is not replaced inside of words. A value that is not
    /// [distinctive](is_distinctive) is not searched.
    pub(super) fn add(&mut self, value: &str, placeholder: &str, is_word: bool) {
        if value.len() != placeholder.len() || !is_distinctive(value.as_bytes()) {
            return;
        }
        let is_word = is_word || value.len() < LONG || value.bytes().all(|byte| byte.is_ascii_digit());
        let value = searched(value.as_bytes());
        if self.0.iter().any(|needle| needle.finder.needle() == value) {
            return;
        }
        // The longest first: a shorter value may be a part of a longer one.
        let place = self.0.partition_point(|needle| needle.finder.needle().len() >= value.len());
        let finder = Finder::new(&value).into_owned();
        self.0.insert(place, Needle { finder, placeholder: placeholder.as_bytes().to_vec(), is_word });
    }

    /// Replaces all values in `text`, which `decoded` was made of. Returns whether there were any. The length stays the same.
    pub(super) fn replace(&self, text: &mut [u8], decoded: &mut DecodedText) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let plain = searched(decoded.bytes());
        let mut is_done = Vec::new();
        for needle in &self.0 {
            let length = needle.placeholder.len();
            let mut from = 0;
            while let Some(found) = plain.get(from..).and_then(|rest| needle.finder.find(rest)) {
                let (at, end) = (from + found, from + found + length);
                from = at + 1;
                is_done.resize(plain.len(), false);
                let is_free = !is_done[at..end].contains(&true);
                if is_free && (!needle.is_word || is_word(&plain, at, end)) {
                    is_done[at..end].fill(true);
                    decoded.write(text, at, &needle.placeholder);
                    from = end;
                }
            }
        }
        !is_done.is_empty() && is_done.contains(&true)
    }
}

/// Whether a value can be told from other texts. A number or a word of fewer than 8 characters cannot: it may also be the width of a media
/// file, or the name of an event.
pub(super) fn is_distinctive(value: &[u8]) -> bool {
    let is_mixed = value.iter().any(u8::is_ascii_digit) && value.iter().any(|byte| !byte.is_ascii_digit());
    value.len() >= LONG || (value.len() >= SHORTEST && is_mixed)
}

/// The form in which values are compared: small letters, and a space for each `+`, which stands for one in queries.
fn searched(text: &[u8]) -> Vec<u8> {
    text.iter().map(|byte| if *byte == b'+' { b' ' } else { byte.to_ascii_lowercase() }).collect()
}

/// Whether neither the byte before `at` nor the one at `end` continues a word.
fn is_word(plain: &[u8], at: usize, end: usize) -> bool {
    let continues = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let before = at.checked_sub(1).and_then(|before| plain.get(before));
    !continues(before) && !continues(plain.get(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &[u8]) -> Vec<u8> {
        let mut needles = Needles::default();
        needles.add("203.0.113.9", "240.1.222.3", true);
        needles.add("TV/1 (a b)", "XY/2 (c d)", false);
        needles.add("6d92078a-8246", "11112222-3333", false);
        needles.add("1YNN", "2ABC", false);
        needles.add("1280", "3333", false);
        needles.add("linear", "abcdef", false);
        needles.add("47110815", "12345678", false);
        let mut text = text.to_vec();
        let mut decoded = DecodedText::new(&text);
        needles.replace(&mut text, &mut decoded);
        text
    }

    #[test]
    fn a_value_is_found_in_every_encoding() {
        for (text, expected) in [
            ("ip=203.0.113.9&", "ip=240.1.222.3&"),
            ("1203.0.113.9 203.0.113.99", "1203.0.113.9 203.0.113.99"),
            ("%32%30%33.0.113.9", "%32%34%30.1.222.3"),
            ("TV%2F1%20(a%20b)", "XY%2F2%20(c%20d)"),
            ("TV%2F1+%28a+b%29", "XY%2F2+%28c+d%29"),
            ("TV%252F1%2520(a%2520b)", "XY%252F2%2520(c%2520d)"),
            (r"TV\/1 (a b)", r"XY\/2 (c d)"),
            ("tv/1 (A B)", "xy/2 (C D)"),
            ("&#84;V&#x2F;1 (a b)", "&#88;Y&#x2F;2 (c d)"),
            ("x6D92078A-8246y", "x11112222-3333y"),
            ("6d92]]><![CDATA[078a-8246", "1111]]><![CDATA[2222-3333"),
            ("us=1YNN, 1YNNx", "us=2ABC, 1YNNx"),
        ] {
            assert_eq!(String::from_utf8_lossy(&replaced(text.as_bytes())), expected, "{text}");
        }
    }

    #[test]
    fn a_short_number_or_word_of_the_viewer_is_not_found_in_other_texts() {
        for text in [r#"{"width":1280}"#, "width=\"1280\"", "<Linear>", "147110815"] {
            assert_eq!(String::from_utf8_lossy(&replaced(text.as_bytes())), text);
        }
    }

    #[test]
    fn a_value_is_found_in_utf_16() {
        let wide = |text: &str, mark: [u8; 2]| -> Vec<u8> {
            let units = text.bytes().flat_map(|byte| if mark[0] == 0xff { [byte, 0] } else { [0, byte] });
            mark.into_iter().chain(units).collect()
        };
        for mark in [[0xff, 0xfe], [0xfe, 0xff]] {
            assert_eq!(replaced(&wide("<a>203.0.113.9</a>", mark)), wide("<a>240.1.222.3</a>", mark));
        }
    }
}
