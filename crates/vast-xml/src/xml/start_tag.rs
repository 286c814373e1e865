//! A start tag, split in one pass over its bytes.
//!
//! Nearly all tags have a name and attributes in plain form. From the first attribute in another form on,
//! [`Scanner`](super::scanner::Scanner) reads the tag, because it knows every form that is accepted.

use super::blanks::is_layout;
use super::names::{Key, Name};
use crate::name_table::Packed;
use memchr::{memchr, memchr2, memchr3};
use std::ops::Range;

/// The start tag read last.
pub(super) struct StartTag<'a> {
    pub(super) name: &'a str,
    pub(super) packed: Packed,
    /// Whether there is no quote in the name. A quote could hide the `>` of the end tag.
    pub(super) has_plain_name: bool,
    /// The standard's name of the element, and whether its case is right. A name with a prefix is `Unknown` here.
    pub(super) known: (Name, bool),
    /// The text of the tag after the name.
    pub(super) rest: &'a str,
    /// The attributes in plain form at the beginning of `rest`.
    pub(super) attributes: Vec<RecordedAttribute>,
    /// The text of the tag after these attributes.
    pub(super) tail: &'a str,
    pub(super) empty: bool,
}

/// One attribute as written in the tag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawAttribute<'a> {
    /// The standard's name of the attribute. An attribute with a prefix is always `Unknown`.
    pub(crate) key: Key,
    /// Whether the name has the standard's case.
    pub(super) exact: bool,
    /// The value has no blanks at its ends, no control characters and no references.
    pub(crate) plain: bool,
    /// The name as written.
    pub(crate) name: &'a str,
    /// The value between its quotes, entities undecoded.
    pub(crate) raw: &'a str,
}

/// The place of an attribute, in whole numbers only: the processor stalls when it reads a structure whose small fields were
/// written just before.
#[derive(Clone, Copy)]
pub(super) struct RecordedAttribute {
    /// From the highest bits down: the offset of the name, the key (8 bits), exact (1 bit), plain (1 bit).
    name: usize,
    name_length: usize,
    value: usize,
    value_length: usize,
}

impl RecordedAttribute {
    #[inline(always)]
    pub(super) fn new(
        name: Range<usize>,
        value: Range<usize>,
        (key, exact): (Key, bool),
        plain: bool,
    ) -> RecordedAttribute {
        let marks = ((key as usize) << 2) | (usize::from(exact) << 1) | usize::from(plain);
        RecordedAttribute {
            name: (name.start << 10) | marks,
            name_length: name.len(),
            value: value.start,
            value_length: value.len(),
        }
    }

    /// The attribute at this place of the document.
    #[inline(always)]
    pub(super) fn attribute(self, text: &str) -> RawAttribute<'_> {
        let name = self.name >> 10;
        RawAttribute {
            key: Key::at((self.name >> 2) & 0xff),
            exact: self.name & 2 != 0,
            plain: self.name & 1 != 0,
            name: text.get(name..name + self.name_length).unwrap_or_default(),
            raw: text.get(self.value..self.value + self.value_length).unwrap_or_default(),
        }
    }
}

impl<'a> StartTag<'a> {
    /// The value before a tag is read.
    pub(super) fn none() -> StartTag<'a> {
        let packed = Packed::of(b"");
        let (known, attributes) = ((Name::Unknown, true), Vec::new());
        StartTag { name: "", packed, has_plain_name: true, known, rest: "", attributes, tail: "", empty: false }
    }

    /// Splits the tag that begins at byte `start`. Gives the byte after the tag, or `None` for a tag without an end.
    #[inline(always)]
    pub(super) fn read(&mut self, text: &'a str, start: usize) -> Option<usize> {
        self.attributes.clear();
        let bytes = text.as_bytes();
        let packed = Packed::at_start(&bytes[start + 1..]);
        let behind = start + 1 + packed.length;
        match bytes.get(behind) {
            Some(b' ' | b'>' | b'\n' | b'\t' | b'\r') => {}
            Some(b'/') if bytes.get(behind + 1) == Some(&b'>') => {}
            _ => return self.read_loosely(text, start),
        }
        self.name = text.get(start + 1..behind)?;
        (self.packed, self.has_plain_name) = (packed, true);
        self.known = Name::find_packed(packed, self.name);
        let mut at = behind;
        loop {
            let next = match *bytes.get(at)? {
                b' ' | b'\n' | b'\t' | b'\r' => Some(at + 1),
                b'>' => return self.end(text, behind, at, at),
                b'/' if bytes.get(at + 1) == Some(&b'>') => return self.end(text, behind, at, at + 1),
                _ => self.attribute(text, at),
            };
            match next {
                Some(next) => at = next,
                None => {
                    let last = at + tag_end(&bytes[at..])?;
                    return self.end(text, behind, at, last);
                }
            }
        }
    }

    /// Reads the attribute that begins at byte `at`, if it has the plain form. Gives the byte after the attribute.
    #[inline(always)]
    fn attribute(&mut self, text: &'a str, at: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let packed = Packed::at_start(&bytes[at..]);
        let sign = at + packed.length;
        let (b'=', quote @ (b'"' | b'\'')) = (*bytes.get(sign)?, *bytes.get(sign + 1)?) else { return None };
        if packed.length == 0 {
            return None;
        }
        let start = sign + 2;
        let (length, has_special) = find_quote(&bytes[start..], quote)?;
        let (name, raw) = (text.get(at..sign)?, text.get(start..start + length)?);
        let plain = !has_special && is_trimmed(raw);
        self.attributes.push(RecordedAttribute::new(
            at..sign,
            start..start + length,
            Key::find_packed(packed, name),
            plain,
        ));
        Some(start + length + 1)
    }

    /// Completes the tag: its name ends at `behind`, its plain attributes end at `tail`, its `>` is at `last`. Gives the byte
    /// after the tag.
    #[inline(always)]
    fn end(&mut self, text: &'a str, behind: usize, tail: usize, last: usize) -> Option<usize> {
        self.empty = last > behind && text.as_bytes()[last - 1] == b'/';
        let end = last - usize::from(self.empty);
        self.rest = text.get(behind..end)?;
        self.tail = text.get(tail..end)?;
        Some(last + 1)
    }

    /// The same as [`StartTag::read`], for a tag whose name has another form.
    #[cold]
    fn read_loosely(&mut self, text: &'a str, start: usize) -> Option<usize> {
        let bytes = &text.as_bytes()[start..];
        let end = tag_end(bytes)?;
        let empty = bytes[end - 1] == b'/';
        let inside = text.get(start + 1..start + end - usize::from(empty))?;
        let length = inside.bytes().position(is_layout).unwrap_or(inside.len());
        let (name, rest) = inside.split_at(length);
        self.name = name;
        self.packed = Packed::of(name.as_bytes());
        self.has_plain_name = memchr2(b'"', b'\'', name.as_bytes()).is_none();
        self.known = Name::find_packed(self.packed, name);
        (self.rest, self.tail, self.empty) = (rest, rest, empty);
        Some(start + end + 1)
    }
}

/// The index of the `>` that ends a tag: the first one that is not inside quotes.
fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut at = memchr3(b'>', b'"', b'\'', tag)?;
    while tag[at] != b'>' {
        at += 2 + memchr(tag[at], &tag[at + 1..])?;
        at += memchr3(b'>', b'"', b'\'', &tag[at..])?;
    }
    Some(at)
}

/// The index of the closing quote, and whether an ampersand or a control character is before it. It checks eight bytes
/// together, because values are short.
#[inline(always)]
fn find_quote(text: &[u8], quote: u8) -> Option<(usize, bool)> {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    let mut special = 0;
    let mut at = 0;
    while let Some(chunk) = text[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let to_quote = word ^ (u64::from(quote) * ONES);
        let to_ampersand = word ^ (u64::from(b'&') * ONES);
        let found = to_quote.wrapping_sub(ONES) & !to_quote & HIGHS;
        let odd =
            ((to_ampersand.wrapping_sub(ONES) & !to_ampersand) | (word.wrapping_sub(0x20 * ONES) & !word)) & HIGHS;
        if found != 0 {
            special |= odd & !(u64::MAX << found.trailing_zeros());
            return Some((at + found.trailing_zeros() as usize / 8, special != 0));
        }
        special |= odd;
        at += 8;
    }
    let rest = &text[at..];
    let length = rest.iter().position(|byte| *byte == quote)?;
    let odd = rest[..length].iter().any(|byte| *byte == b'&' || *byte < b' ');
    Some((at + length, special != 0 || odd))
}

/// Whether a value begins and ends with visible ASCII characters that are neither `&` nor `;`, because a reference may
/// stand for a blank.
#[inline(always)]
pub(super) fn is_trimmed(raw: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b'!'..=b'~') && byte != b'&' && byte != b';';
    match raw.as_bytes() {
        [first, .., last] => is_plain(*first) && is_plain(*last),
        [only] => is_plain(*only),
        [] => false,
    }
}
