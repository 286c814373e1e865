//! The bytes that a text means, with the place of each byte in the text. They can be changed in place, whatever their encoding.

/// `%25` and two digits are percent-encoded twice.
const TWICE: u8 = 2;

/// A text without percent-encoding, entities of XML, escapes of JSON, borders of CDATA sections, and UTF-16.
pub(super) struct DecodedText {
    bytes: Vec<u8>,
    /// Where the text is not literal, in order.
    marks: Vec<Mark>,
    /// Which byte of each unit is the low one, if the text is UTF-16.
    wide: Option<usize>,
}

/// A place at which the text has a byte in another notation, or bytes without a meaning.
struct Mark {
    /// The index of the byte, or of the byte after those without a meaning.
    index: usize,
    /// Where it begins in the text.
    at: usize,
    /// Where it ends in the text.
    end: usize,
    notation: Notation,
}

/// How a byte is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    /// As it is.
    Literal,
    /// Percent-encoded this number of times. The last two characters are the digits.
    Percent(u8),
    /// As two hexadecimal digits behind this number of characters: `\u0041`, `&#x41;`.
    Hexadecimal(usize),
    /// As a decimal number of this length behind `&#`.
    Decimal(usize),
    /// As a name that does not change: `&amp;`, `\/`.
    Named,
    /// A border of a CDATA section, which is no byte.
    Border,
}

impl DecodedText {
    pub(super) fn new(text: &[u8]) -> Self {
        let Some(low) = low_bytes_of_utf16(text) else { return Self::of_narrow(text, None) };
        // Every second byte of a Latin text is zero. Other characters become a byte that is not in UTF-8, so no value has them.
        let units = text.chunks_exact(2).map(|unit| if unit[1 - low] == 0 { unit[low] } else { 0xff });
        Self::of_narrow(&units.collect::<Vec<u8>>(), Some(low))
    }

    fn of_narrow(text: &[u8], wide: Option<usize>) -> Self {
        let (mut bytes, mut marks) = (Vec::with_capacity(text.len()), Vec::new());
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let literal = rest.iter().position(|byte| may_begin_notation(*byte)).unwrap_or(rest.len());
            bytes.extend_from_slice(&rest[..literal]);
            at += literal;
            let Some((byte, length, notation)) = notation(&rest[literal..]) else { continue };
            if notation != Notation::Literal {
                marks.push(Mark { index: bytes.len(), at, end: at + length, notation });
            }
            if notation != Notation::Border {
                bytes.push(byte);
            }
            at += length;
        }
        Self { bytes, marks, wide }
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many times the byte is percent-encoded.
    pub(super) fn depth(&self, index: usize) -> u8 {
        match self.place(index).1 {
            Notation::Percent(depth) => depth,
            _ => 0,
        }
    }

    /// Replaces the bytes from `start` on by `new`, here and in `text`, which this text was made of. A letter keeps its case; punctuation
    /// stays.
    pub(super) fn write(&mut self, text: &mut [u8], start: usize, new: &[u8]) {
        for (index, new) in (start..).zip(new) {
            let Some(old) = self.bytes.get(index).copied() else { return };
            let new = match old {
                b'A'..=b'Z' => new.to_ascii_uppercase(),
                b'a'..=b'z' => new.to_ascii_lowercase(),
                b'0'..=b'9' | 0x80.. => *new,
                _ => old,
            };
            if new != old {
                let written = self.write_byte(text, index, new);
                self.bytes[index] = written;
            }
        }
    }

    /// Writes a byte in the notation of the old one. Returns what the text has now.
    fn write_byte(&self, text: &mut [u8], index: usize, new: u8) -> u8 {
        let (at, notation) = self.place(index);
        let mut put = |at: usize, digits: &[u8]| {
            for (at, digit) in (at..).zip(digits) {
                let place = self.wide.map_or(at, |low| 2 * at + low);
                text.get_mut(place).into_iter().for_each(|place| *place = *digit);
            }
        };
        match notation {
            Notation::Literal => put(at, &[new]),
            // Twice: `%25` is before the digits.
            Notation::Percent(TWICE) => put(at + 3, format!("{new:02X}").as_bytes()),
            Notation::Percent(_) => put(at + 1, format!("{new:02X}").as_bytes()),
            Notation::Hexadecimal(skipped) => put(at + skipped, format!("{new:02X}").as_bytes()),
            Notation::Decimal(length) => {
                // `Z` has two digits, as every capital letter. A number that is too long hides its letter nevertheless.
                let fits = new.to_string().len() <= length;
                let new = if fits { new } else { b'Z' };
                put(at + 2, format!("{new:0length$}").as_bytes());
                return new;
            }
            Notation::Named | Notation::Border => return self.bytes[index],
        }
        new
    }

    /// Where the byte begins in the text, and how it is written there.
    fn place(&self, index: usize) -> (usize, Notation) {
        let before = self.marks.partition_point(|mark| mark.index <= index);
        match before.checked_sub(1).and_then(|last| self.marks.get(last)) {
            None => (index, Notation::Literal),
            Some(mark) if mark.index == index && mark.notation != Notation::Border => (mark.at, mark.notation),
            Some(mark) => {
                let first = mark.index + usize::from(mark.notation != Notation::Border);
                (mark.end + index - first, Notation::Literal)
            }
        }
    }
}

/// Which byte of each unit is the low one, if the text begins with a byte order mark of UTF-16.
fn low_bytes_of_utf16(text: &[u8]) -> Option<usize> {
    match text {
        [0xff, 0xfe, ..] => Some(0),
        [0xfe, 0xff, ..] => Some(1),
        _ => None,
    }
}

fn may_begin_notation(byte: u8) -> bool {
    matches!(byte, b'%' | b'&' | b'\\' | b'<' | b']')
}

/// What `text` begins with: a byte, its length in the text, and its notation; or the length of a border. `None` if `text` is empty.
fn notation(text: &[u8]) -> Option<(u8, usize, Notation)> {
    const CDATA: &[u8] = b"<![CDATA[";
    const CDATA_END: &[u8] = b"]]>";
    let literal = (*text.first()?, 1, Notation::Literal);
    let found = match text {
        [b'%', b'2', b'5', high, low, ..] if hexadecimal(*high, *low).is_some() => {
            hexadecimal(*high, *low).map(|byte| (byte, 5, Notation::Percent(TWICE)))
        }
        [b'%', high, low, ..] => hexadecimal(*high, *low).map(|byte| (byte, 3, Notation::Percent(1))),
        [b'\\', b'u', b'0', b'0', high, low, ..] => {
            hexadecimal(*high, *low).map(|byte| (byte, 6, Notation::Hexadecimal(4)))
        }
        [b'\\', escaped @ (b'/' | b'"' | b'\\'), ..] => Some((*escaped, 2, Notation::Named)),
        [b'\\', b'n' | b'r' | b't', ..] => Some((b'\n', 2, Notation::Named)),
        [b'&', ..] => entity(text),
        [b'<', ..] if text.starts_with(CDATA) => Some((0, CDATA.len(), Notation::Border)),
        [b']', ..] if text.starts_with(CDATA_END) => Some((0, CDATA_END.len(), Notation::Border)),
        _ => None,
    };
    Some(found.unwrap_or(literal))
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

    #[test]
    fn a_text_is_decoded_and_changed_in_every_notation() {
        for (text, decoded, expected) in [
            ("Ab1-c", "Ab1-c", "Xx2-x"),
            ("%41b%31", "Ab1", "%58x%32"),
            ("%2541b1", "Ab1", "%2558x2"),
            (r"\u0041b\/1", "Ab/1", r"\u0058x\/2"),
            ("&#65;&#x62;&#049;", "Ab1", "&#88;&#x78;&#050;"),
            ("A&amp;b", "A&b", "X&amp;x"),
            ("Ab]]><![CDATA[1", "Ab1", "Xx]]><![CDATA[2"),
            ("a]]]>b", "a]b", "x]]]>x"),
            ("%4", "%4", "%2"),
            ("A%zz&b;\\q", "A%zz&b;\\q", "X%xx&x;\\x"),
        ] {
            let mut changed = text.as_bytes().to_vec();
            let mut found = DecodedText::new(&changed);
            assert_eq!(String::from_utf8_lossy(found.bytes()), decoded, "{text}");
            let new: Vec<u8> = decoded.bytes().map(|byte| if byte.is_ascii_digit() { b'2' } else { b'x' }).collect();
            found.write(&mut changed, 0, &new);
            assert_eq!(String::from_utf8_lossy(&changed), expected, "{text}");
            assert_eq!(found.bytes(), DecodedText::new(&changed).bytes(), "{text}");
        }
    }

    #[test]
    fn how_often_a_byte_is_percent_encoded_is_known() {
        let text = DecodedText::new(b"?%3F%253F&#63;");
        assert_eq!([0, 1, 2, 3].map(|index| text.depth(index)), [0, 1, 2, 0]);
        assert_eq!(text.bytes(), b"????");
    }
}
