//! Finds values in bytes, whatever their encoding, and replaces them in place.

use std::borrow::Cow;

/// A shorter value is not searched: it would be found in other words.
const SHORTEST: usize = 4;
/// A value from this length on is also replaced inside of words.
const LONG: usize = 8;

/// A value and its placeholder, which are equally long.
struct Needle {
    /// In lower case.
    value: Vec<u8>,
    placeholder: Vec<u8>,
    is_word: bool,
}

/// The values that are replaced wherever they occur.
#[derive(Default)]
pub(super) struct Needles(Vec<Needle>);

impl Needles {
    /// Replaces `value` by `placeholder` from now on. `is_word` means that it is not replaced inside of words.
    pub(super) fn add(&mut self, value: &str, placeholder: &str, is_word: bool) {
        if value.len() < SHORTEST || value.len() != placeholder.len() {
            return;
        }
        let is_word = is_word || value.len() < LONG;
        let value = value.to_ascii_lowercase().into_bytes();
        if self.0.iter().any(|needle| needle.value == value) {
            return;
        }
        self.0.push(Needle { value, placeholder: placeholder.as_bytes().to_vec(), is_word });
        // The longest first: a shorter value may be a part of a longer one.
        self.0.sort_by_key(|needle| std::cmp::Reverse(needle.value.len()));
    }

    /// Replaces all values in `text`. Returns whether there were any. The length stays the same.
    pub(super) fn replace(&self, text: &mut [u8]) -> bool {
        if self.0.is_empty() {
            return false;
        }
        if let Some(low) = low_bytes_of_utf16(text) {
            return self.replace_utf16(text, low);
        }
        let symbols = symbols(text);
        let plain: Vec<u8> = symbols.iter().map(|symbol| symbol.byte.to_ascii_lowercase()).collect();
        let mut found = false;
        let mut is_done = vec![false; plain.len()];
        for needle in &self.0 {
            let mut from = 0;
            while let Some(at) = find(&plain, &needle.value, from) {
                let end = at + needle.value.len();
                from = at + 1;
                let is_free = !is_done[at..end].contains(&true);
                if is_free && (!needle.is_word || is_word(&plain, at, end)) {
                    is_done[at..end].fill(true);
                    found = true;
                    for (symbol, new) in symbols[at..end].iter().zip(&needle.placeholder) {
                        symbol.write(text, *new);
                    }
                    from = end;
                }
            }
        }
        found
    }

    /// Replaces the values in UTF-16, in which every second byte of a Latin text is zero.
    fn replace_utf16(&self, text: &mut [u8], low: usize) -> bool {
        let units = text.chunks_exact(2).map(|unit| if unit[1 - low] == 0 { unit[low] } else { 0xff });
        let mut narrow: Vec<u8> = units.collect();
        let found = self.replace_narrow(&mut narrow);
        if found {
            for (unit, new) in text.chunks_exact_mut(2).zip(&narrow) {
                if unit[1 - low] == 0 {
                    unit[low] = *new;
                }
            }
        }
        found
    }

    /// [`replace`](Self::replace) for a text that is not UTF-16.
    fn replace_narrow(&self, narrow: &mut [u8]) -> bool {
        // The first unit is the byte order mark, so the narrow text does not look like UTF-16 again.
        narrow.get_mut(1..).is_some_and(|rest| self.replace(rest))
    }
}

/// Which byte of each unit is the low one, if the text begins with a byte order mark of UTF-16.
pub(super) fn low_bytes_of_utf16(text: &[u8]) -> Option<usize> {
    match text {
        [0xff, 0xfe, ..] => Some(0),
        [0xfe, 0xff, ..] => Some(1),
        _ => None,
    }
}

/// Where `needle` begins in `plain` at `from` or later. A space of the needle may be a `+`.
fn find(plain: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let is_same = |(found, wanted): (&u8, &u8)| found == wanted || (*wanted == b' ' && *found == b'+');
    let last = plain.len().checked_sub(needle.len())?;
    let first = *needle.first()?;
    (from..=last).find(|at| plain[*at] == first && plain[*at..*at + needle.len()].iter().zip(needle).all(is_same))
}

/// Whether neither the byte before `at` nor the one at `end` continues a word.
fn is_word(plain: &[u8], at: usize, end: usize) -> bool {
    let continues = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let before = at.checked_sub(1).and_then(|before| plain.get(before));
    !continues(before) && !continues(plain.get(end))
}

/// One byte of a text, and how it is written there.
struct Symbol {
    byte: u8,
    at: usize,
    notation: Notation,
}

#[derive(Clone, Copy)]
enum Notation {
    /// As it is.
    Literal,
    /// As two hexadecimal digits behind this number of bytes: `%41`, `%2541`, `\u0041`.
    Hexadecimal(usize),
    /// As a decimal number of this length behind `&#`.
    Decimal(usize),
    /// As a name that does not change: `&amp;`, `\/`.
    Named,
}

impl Symbol {
    /// Writes `new` in the form of the symbol, and in the same case.
    fn write(&self, text: &mut [u8], new: u8) {
        let new = match self.byte {
            b'A'..=b'Z' => new.to_ascii_uppercase(),
            b'a'..=b'z' => new.to_ascii_lowercase(),
            _ => new,
        };
        let at = self.at;
        let (start, digits): (usize, Cow<'static, [u8]>) = match self.notation {
            Notation::Named => return,
            // A space that is written as `+` stays so.
            Notation::Literal if new == b' ' => return,
            Notation::Literal => (at, Cow::Owned(vec![new])),
            Notation::Hexadecimal(skipped) => {
                let is_upper = !text[at + skipped..at + skipped + 2].iter().any(u8::is_ascii_lowercase);
                let digits = if is_upper { format!("{new:02X}") } else { format!("{new:02x}") };
                (at + skipped, Cow::Owned(digits.into_bytes()))
            }
            Notation::Decimal(length) => {
                let digits = format!("{new:0length$}");
                // `Z` has two digits, as every capital letter. A number that is too long hides its letter nevertheless.
                let digits = if digits.len() > length { format!("{:0length$}", b'Z') } else { digits };
                (at + 2, Cow::Owned(digits.into_bytes()))
            }
        };
        if let Some(place) = text.get_mut(start..start + digits.len()) {
            place.copy_from_slice(&digits);
        }
    }
}

/// The bytes that a text means: percent-encoding, entities of XML and escapes of JSON are decoded.
fn symbols(text: &[u8]) -> Vec<Symbol> {
    let mut symbols = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (byte, length, notation) = symbol(rest);
        symbols.push(Symbol { byte, at, notation });
        at += length;
    }
    symbols
}

/// The first symbol of `text`, which is not empty: its byte, its length and its form.
fn symbol(text: &[u8]) -> (u8, usize, Notation) {
    let literal = (text[0], 1, Notation::Literal);
    match text {
        [b'%', b'2', b'5', high, low, ..] if hexadecimal(*high, *low).is_some() => {
            hexadecimal(*high, *low).map_or(literal, |byte| (byte, 5, Notation::Hexadecimal(3)))
        }
        [b'%', high, low, ..] => hexadecimal(*high, *low).map_or(literal, |byte| (byte, 3, Notation::Hexadecimal(1))),
        [b'\\', b'u', b'0', b'0', high, low, ..] => {
            hexadecimal(*high, *low).map_or(literal, |byte| (byte, 6, Notation::Hexadecimal(4)))
        }
        [b'\\', escaped @ (b'/' | b'"' | b'\\'), ..] => (*escaped, 2, Notation::Named),
        [b'&', ..] => entity(text).unwrap_or(literal),
        _ => literal,
    }
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

fn entity(text: &[u8]) -> Option<(u8, usize, Notation)> {
    /// `&#x00041;` is longer than any form in use.
    const LONGEST: usize = 10;
    let end = text.iter().take(LONGEST).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(text.get(1..end)?).ok()?;
    let named = match name {
        "amp" => Some(b'&'),
        "lt" => Some(b'<'),
        "gt" => Some(b'>'),
        "quot" => Some(b'"'),
        "apos" => Some(b'\''),
        _ => None,
    };
    if let Some(byte) = named {
        return Some((byte, end + 1, Notation::Named));
    }
    let number = name.strip_prefix('#')?;
    match number.strip_prefix(['x', 'X']) {
        Some(digits) if digits.len() >= 2 => {
            let byte = u8::from_str_radix(digits, 16).ok()?;
            Some((byte, end + 1, Notation::Hexadecimal(end - 2)))
        }
        _ => Some((number.parse().ok()?, end + 1, Notation::Decimal(number.len()))),
    }
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
        let mut text = text.to_vec();
        needles.replace(&mut text);
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
            ("us=1YNN, 1YNNx", "us=2ABC, 1YNNx"),
        ] {
            assert_eq!(String::from_utf8_lossy(&replaced(text.as_bytes())), expected, "{text}");
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
