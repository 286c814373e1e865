//! A start tag, split in one pass over its bytes.
//!
//! Nearly all tags have a name and attributes in plain form. From the first attribute in another form on,
//! [`Scanner`](super::scanner::Scanner) reads the tag, because it knows every form that is accepted.

use super::blanks::is_layout;
use super::ends::find_quote;
use super::names::{Key, Name};
use crate::name_table::Packed;
use crate::sixteen::{Sixteen, WIDTH};
use memchr::{memchr, memchr2, memchr3};
use std::ops::Range;

/// The start tag read last: places in the document.
pub(super) struct StartTag {
    /// The byte after `<`.
    start: usize,
    /// The byte after the name.
    name_end: usize,
    /// The byte after the attributes in plain form.
    plain_end: usize,
    /// The byte after the last attribute, before `>` or `/>`.
    end: usize,
    /// The standard's name of the element, and whether its case is right. A name with a prefix is `Unknown` here.
    pub(super) known: (Name, bool),
    /// The attributes in plain form at the beginning of the tag. The cursor adds the other ones when it reads them.
    pub(super) attributes: Vec<RecordedAttribute>,
    /// Whether these are all attributes, each has another name, the names have the standard's case and the values are plain.
    pub(super) is_ordinary: bool,
    pub(super) empty: bool,
    /// Whether there is no quote in the name. A quote could hide the `>` of the end tag.
    pub(super) has_plain_name: bool,
}

/// An attribute of the start tag read last. [`Cursor`](super::Cursor) has its name and value. It is small, so that it stays in
/// registers.
#[derive(Clone, Copy)]
pub(crate) struct RawAttribute {
    /// The standard's name of the attribute. An attribute with a prefix is always `Unknown`.
    pub(crate) key: Key,
    /// The index of the attribute in [`StartTag::attributes`].
    pub(super) index: u32,
}

/// The place of an attribute, in whole numbers only: the processor stalls when it reads a structure whose small fields were
/// written just before.
#[derive(Clone, Copy)]
pub(super) struct RecordedAttribute {
    /// From the highest bits down: the offset of the name, the key (8 bits), exact (1 bit), plain (1 bit).
    name: usize,
    name_end: usize,
    value: usize,
    value_end: usize,
}

impl RecordedAttribute {
    /// No attribute.
    pub(super) const NONE: RecordedAttribute = RecordedAttribute { name: 0, name_end: 0, value: 0, value_end: 0 };

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
            name_end: name.end,
            value: value.start,
            value_end: value.end,
        }
    }

    pub(super) fn key(self) -> Key {
        Key::at((self.name >> 2) & 0xff)
    }

    /// Where the name begins.
    pub(super) fn start(self) -> usize {
        self.name >> 10
    }

    /// The name as written.
    pub(super) fn name(self, text: &str) -> &str {
        text.get(self.start()..self.name_end).unwrap_or_default()
    }

    /// The range of the value between its quotes.
    pub(super) fn range(self) -> Range<usize> {
        self.value..self.value_end
    }

    /// The value between its quotes, entities undecoded.
    pub(super) fn raw(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }

    /// Whether the name has the standard's case.
    pub(super) fn is_exact(self) -> bool {
        self.name & 2 != 0
    }

    /// Whether the value has no blanks at its ends, no control characters and no references.
    pub(super) fn is_plain(self) -> bool {
        self.name & 1 != 0
    }
}

impl StartTag {
    /// The value before a tag is read.
    pub(super) fn none() -> StartTag {
        StartTag {
            start: 0,
            name_end: 0,
            plain_end: 0,
            end: 0,
            known: (Name::Unknown, true),
            attributes: Vec::new(),
            is_ordinary: true,
            empty: false,
            has_plain_name: true,
        }
    }

    pub(super) fn name<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start..self.name_end).unwrap_or_default()
    }

    /// The text of the tag after the name.
    pub(super) fn rest<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.name_end..self.end).unwrap_or_default()
    }

    /// The text of the tag after the attributes in plain form.
    pub(super) fn tail<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.plain_end..self.end).unwrap_or_default()
    }

    /// How many bytes the tag has after the name.
    pub(super) fn rest_length(&self) -> usize {
        self.end - self.name_end
    }

    /// The range of the name.
    pub(super) fn name_range(&self) -> Range<usize> {
        self.start..self.name_end
    }

    /// Splits the tag that begins at byte `at`; `None` for a tag without an end.
    #[inline(always)]
    pub(super) fn read(&mut self, text: &str, at: usize) -> Option<usize> {
        self.attributes.clear();
        self.start = at + 1;
        let bytes = text.as_bytes();
        let packed = Packed::at_start(&bytes[self.start..]);
        let name_end = self.start + packed.length;
        let end = match bytes.get(name_end) {
            Some(b'>') => {
                (self.is_ordinary, self.empty) = (true, false);
                (self.plain_end, self.end) = (name_end, name_end);
                name_end + ">".len()
            }
            Some(b' ' | b'\n' | b'\t' | b'\r') => self.read_attributes(bytes, name_end)?,
            Some(b'/') if bytes.get(name_end + 1) == Some(&b'>') => self.read_attributes(bytes, name_end)?,
            _ => return self.read_loosely(text, at),
        };
        (self.name_end, self.has_plain_name) = (name_end, true);
        self.known = Name::find_packed(packed, &bytes[self.start..name_end]);
        Some(end)
    }

    /// Splits the rest of a tag from byte `at` on, the end of its name. Gives the byte after the tag.
    #[inline(never)]
    fn read_attributes(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        let (mut seen, mut is_ordinary) = (0, true);
        let last = loop {
            match *bytes.get(at)? {
                b' ' | b'\n' | b'\t' | b'\r' => at += 1,
                b'>' => {
                    self.empty = false;
                    break at;
                }
                b'/' if bytes.get(at + 1) == Some(&b'>') => {
                    self.empty = true;
                    break at + 1;
                }
                _ => match Plain::read(bytes, at) {
                    Some(Plain { key, exact, sign, end, is_trimmed }) => {
                        let bit = 1_u64 << (key as u32);
                        is_ordinary &= exact & is_trimmed & (seen & bit == 0);
                        seen |= bit;
                        let place = RecordedAttribute::new(at..sign, sign + 2..end, (key, exact), is_trimmed);
                        self.attributes.push(place);
                        at = end + 1;
                    }
                    None => {
                        let last = at + tag_end(&bytes[at..])?;
                        is_ordinary = false;
                        self.empty = bytes[last - 1] == b'/';
                        break last;
                    }
                },
            }
        };
        self.is_ordinary = is_ordinary;
        (self.plain_end, self.end) = (at, last - usize::from(self.empty));
        Some(last + 1)
    }

    /// The same as [`StartTag::read`], for a tag whose name has another form.
    #[cold]
    fn read_loosely(&mut self, text: &str, at: usize) -> Option<usize> {
        let last = at + tag_end(&text.as_bytes()[at..])?;
        let bytes = &text.as_bytes()[..last];
        self.empty = bytes[last - 1] == b'/';
        self.end = last - usize::from(self.empty);
        let inside = &bytes[self.start..self.end];
        let length = inside.iter().position(|byte| is_layout(*byte)).unwrap_or(inside.len());
        let name = &inside[..length];
        (self.name_end, self.plain_end) = (self.start + length, self.start + length);
        self.known = Name::find_packed(Packed::of(name), name);
        self.is_ordinary = length == inside.len();
        self.has_plain_name = memchr2(b'"', b'\'', name).is_none();
        Some(last + 1)
    }
}

/// An attribute in plain form.
struct Plain {
    key: Key,
    exact: bool,
    /// Where its `=` is.
    sign: usize,
    /// Where its closing quote is.
    end: usize,
    /// Whether the value has no blanks at its ends, no control characters and no references.
    is_trimmed: bool,
}

impl Plain {
    /// The attribute that begins at byte `at`, if it has the plain form.
    #[inline(always)]
    fn read(bytes: &[u8], at: usize) -> Option<Plain> {
        match Plain::read_short(bytes, at) {
            Some(plain) => Some(plain),
            None => Plain::read_long(bytes, at),
        }
    }

    /// An attribute of at most 32 bytes in double quotes. Both quotes are found together: the processor would have to wait for the place
    /// of the first one before it can look for the second one.
    #[inline(always)]
    fn read_short(bytes: &[u8], at: usize) -> Option<Plain> {
        let window = bytes.get(at..)?.first_chunk::<WINDOW>()?;
        let [head, tail] = [window.first_chunk()?, window.last_chunk()?].map(Sixteen::of);
        let both = |bits: fn(Sixteen) -> u32| bits(head) | bits(tail) << WIDTH;
        let quotes = both(|chunk| chunk.equal(b'"'));
        // Without the lowest bit.
        let closing = quotes & quotes.wrapping_sub(1);
        if closing == 0 {
            return None;
        }
        let (open, close) = (quotes.trailing_zeros(), closing.trailing_zeros());
        let packed = Packed::at_start(&bytes[at..]);
        let sign = at + packed.length;
        let (start, end) = (at + open as usize + 1, at + close as usize);
        if packed.length == 0 || start != sign + 2 || bytes[sign] != b'=' {
            return None;
        }
        let special = both(|chunk| chunk.equal(b'&') | chunk.controls());
        let before_closing = (1_u32 << close) - 1;
        let has_special = (special & before_closing) >> open != 0;
        Some(Plain::new(bytes, packed, at..sign, start..end, has_special))
    }

    #[inline(never)]
    fn read_long(bytes: &[u8], at: usize) -> Option<Plain> {
        let packed = Packed::at_start(&bytes[at..]);
        let sign = at + packed.length;
        let (b'=', quote @ (b'"' | b'\'')) = (*bytes.get(sign)?, *bytes.get(sign + 1)?) else { return None };
        if packed.length == 0 {
            return None;
        }
        let start = sign + 2;
        let (length, has_special) = find_quote(&bytes[start..], quote)?;
        Some(Plain::new(bytes, packed, at..sign, start..start + length, has_special))
    }

    #[inline(always)]
    fn new(bytes: &[u8], packed: Packed, name: Range<usize>, value: Range<usize>, has_special: bool) -> Plain {
        let (sign, end) = (name.end, value.end);
        let is_trimmed = !has_special && is_trimmed(&bytes[value]);
        let (key, exact) = Key::find_packed(packed, &bytes[name]);
        Plain { key, exact, sign, end, is_trimmed }
    }
}

/// The most bytes of an attribute whose quotes are found together.
const WINDOW: usize = 2 * WIDTH;

/// The index of the `>` that ends a tag: the first one that is not inside quotes.
fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut at = memchr3(b'>', b'"', b'\'', tag)?;
    while tag[at] != b'>' {
        at += 2 + memchr(tag[at], &tag[at + 1..])?;
        at += memchr3(b'>', b'"', b'\'', &tag[at..])?;
    }
    Some(at)
}

/// For each byte, whether it is a visible ASCII character, but neither `&` nor `;`.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        plain[byte as usize] = byte != b'&' && byte != b';';
        byte += 1;
    }
    plain
};

/// Whether a value begins and ends with visible ASCII characters that are neither `&` nor `;`, because a reference may
/// stand for a blank.
#[inline(always)]
pub(super) fn is_trimmed(raw: &[u8]) -> bool {
    match raw {
        [first, .., last] => PLAIN[usize::from(*first)] & PLAIN[usize::from(*last)],
        [only] => PLAIN[usize::from(*only)],
        [] => false,
    }
}
