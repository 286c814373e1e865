//! The attributes of the start tag in hand.

use super::blanks::trim;
use super::cursor::Cursor;
use super::entities;
use super::names::Key;
use super::notes::{Parsed, Stop, clipped, within};
use super::scanner::{Scanned, Scanner};
use crate::{ParseErrorKind, Text, WarningCode};
use std::borrow::Cow;

/// One attribute as it stands in the tag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawAttribute<'a> {
    /// Which one it is; attributes with a prefix are always unknown.
    pub(crate) key: Key,
    /// The name as written.
    pub(crate) name: &'a str,
    /// The value between its quotes, entities undecoded.
    pub(crate) raw: &'a str,
}

impl<'a> Cursor<'a> {
    /// The next attribute of the tag in hand.
    ///
    /// # Errors
    /// Damage where the tag is not well formed: which values it has is then a guess.
    pub(crate) fn attribute(&mut self) -> Parsed<Option<RawAttribute<'a>>> {
        self.settle_case()?;
        while let Some((name, raw)) = self.scanned(true)? {
            if let Some(attribute) = self.admit(name, raw)? {
                return Ok(Some(attribute));
            }
        }
        Ok(None)
    }

    /// The next attribute of the tag in hand, of an element that may have any. What is not well formed there is left out,
    /// because it costs nothing that the standard knows.
    pub(crate) fn raw_attribute(&mut self) -> Parsed<Option<RawAttribute<'a>>> {
        self.tag.miscased = false;
        let Some((name, raw)) = self.scanned(false)? else { return Ok(None) };
        self.count_attribute(raw)?;
        Ok(Some(RawAttribute { key: Key::Unknown, name, raw }))
    }

    /// The next name with its value.
    #[inline]
    fn scanned(&mut self, is_known: bool) -> Parsed<Option<(&'a str, &'a str)>> {
        loop {
            match self.tag.attributes.next() {
                Scanned::Attribute { name, raw } => return Ok(Some((name, raw))),
                Scanned::Loose { name, raw } => {
                    self.loose_quotes(name)?;
                    return Ok(Some((name, raw)));
                }
                Scanned::Bare(name) => self.bad_attribute(name, "an attribute without a value was ignored")?,
                Scanned::Bad(rest) => self.bad_tag(rest, is_known)?,
                Scanned::End => return Ok(None),
            }
        }
    }

    /// An attribute's value, blanks at its ends removed; a blank value counts as absent.
    pub(crate) fn value(&self, attribute: &RawAttribute<'a>) -> Option<Text> {
        self.spelling(attribute).map(|value| self.keep(value))
    }

    /// Like [`Cursor::value`], to be looked at and perhaps kept.
    pub(crate) fn spelling(&self, attribute: &RawAttribute<'a>) -> Option<Cow<'a, str>> {
        let raw = attribute.raw;
        if is_trimmed(raw) && !raw.bytes().any(|byte| byte == b'&' || byte < b' ') {
            return Some(Cow::Borrowed(raw));
        }
        let value = match decoded(raw) {
            Cow::Borrowed(value) => Cow::Borrowed(trim(value)),
            Cow::Owned(value) if trim(&value).len() == value.len() => Cow::Owned(value),
            Cow::Owned(value) => Cow::Owned(trim(&value).to_owned()),
        };
        Some(value).filter(|value| !value.is_empty())
    }

    /// An attribute's value with every blank in it.
    pub(crate) fn exact_value(&self, attribute: &RawAttribute<'a>) -> Text {
        self.keep(decoded(attribute.raw))
    }

    /// A value as a text of its own; what stands so in the document is not copied.
    pub(crate) fn keep(&self, value: Cow<'a, str>) -> Text {
        match value {
            Cow::Borrowed(piece) => self.text_of(self.range_of(piece)),
            Cow::Owned(value) => Text::from(value),
        }
    }

    fn admit(&mut self, name: &'a str, raw: &'a str) -> Parsed<Option<RawAttribute<'a>>> {
        self.count_attribute(raw)?;
        let (key, exact) = Key::find(name);
        if !exact {
            self.miscased_attribute(key, name)?;
            if self.has_attribute(key.as_str()) {
                return self.admit_again(key, name, raw);
            }
        }
        let bit = 1_u128 << (key as u32);
        if self.tag.seen & bit == 0 && !(self.tag.has_blank && self.stands_before(name)) {
            // A blank one counts as absent, so one in another case may follow.
            if is_trimmed(raw) || !is_blank_value(raw) {
                self.tag.seen |= bit;
            } else {
                self.tag.has_blank = true;
            }
            return Ok(Some(RawAttribute { key, name, raw }));
        }
        if key != Key::Unknown && is_blank_value(raw) && !self.stands_before(name) {
            return Ok(None);
        }
        self.admit_again(key, name, raw)
    }

    #[cold]
    fn miscased_attribute(&mut self, key: Key, name: &str) -> Parsed<()> {
        // VAST 2.0 and 3.0 spell it so.
        if name == "AdID" {
            return Ok(());
        }
        let message = format!("@{} should be @{}", clipped(name), key.as_str());
        self.warn_at(WarningCode::WrongCase, message, self.range_of(name).start)
    }

    /// Whether the start tag read last has an attribute of exactly this name with a value.
    pub(crate) fn has_attribute(&self, name: &str) -> bool {
        let mut scanner = Scanner::new(self.tag.rest);
        std::iter::from_fn(|| match scanner.next() {
            Scanned::Attribute { name, raw } | Scanned::Loose { name, raw } => Some((name, raw)),
            Scanned::Bare(name) => Some((name, "")),
            Scanned::Bad(_) | Scanned::End => None,
        })
        .any(|(other, raw)| other == name && !is_blank_value(raw))
    }

    /// An attribute of which there was one before. Well-formed documents have it in another case only; then it is kept
    /// as an unknown one. The unknown ones are many and may well differ.
    #[cold]
    fn admit_again(&mut self, key: Key, name: &'a str, raw: &'a str) -> Parsed<Option<RawAttribute<'a>>> {
        let twice = self.stands_before(name);
        if twice || key != Key::Unknown {
            let message = format!("@{name} stands {}", if twice { "twice" } else { "again, in another case" });
            self.warn_at(WarningCode::DuplicateAttribute, message, self.range_of(name).start)?;
        }
        Ok(if twice { None } else { Some(RawAttribute { key: Key::Unknown, name, raw }) })
    }

    /// Whether the tag in hand has an attribute of this very name before it.
    fn stands_before(&self, name: &str) -> bool {
        let mut scanner = Scanner::new(self.tag.rest);
        loop {
            match scanner.next() {
                Scanned::Attribute { name: other, .. } | Scanned::Loose { name: other, .. } => {
                    if other.as_ptr() == name.as_ptr() || other == name {
                        return other.as_ptr() != name.as_ptr();
                    }
                }
                Scanned::Bare(_) => {}
                Scanned::Bad(_) | Scanned::End => return false,
            }
        }
    }

    fn count_attribute(&mut self, raw: &str) -> Parsed<()> {
        self.tag.count += 1;
        let limit = self.notes.limits().attributes_per_element;
        within(self.tag.count, limit, "more attributes than allowed", self.tag.start)?;
        self.bound_text(raw.len())
    }

    #[cold]
    fn loose_quotes(&mut self, name: &str) -> Parsed<()> {
        let message = format!("the value of @{} is not in quotes that XML knows", clipped(name));
        self.warn_at(WarningCode::LooseQuotes, message, self.range_of(name).start)
    }

    /// A tag that is not well formed, from `rest` on.
    #[cold]
    fn bad_tag(&mut self, rest: &str, is_known: bool) -> Parsed<()> {
        if is_known && !self.notes.is_muted() {
            let message = format!("the attributes of <{}> are not well formed", clipped(self.tag.name));
            return Err(Stop::new(ParseErrorKind::NotXml, message, self.range_of(rest).start));
        }
        self.bad_attribute(rest, "attributes that are not well formed were ignored")
    }

    #[cold]
    fn bad_attribute(&mut self, piece: &str, message: &'static str) -> Parsed<()> {
        self.warn_at(WarningCode::BadAttribute, message, self.range_of(piece).start)
    }
}

/// Whether a value begins and ends with a visible character of ASCII that begins or ends no reference, which may be a blank.
#[inline]
fn is_trimmed(raw: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b'!'..=b'~') && byte != b'&' && byte != b';';
    matches!(raw.as_bytes(), [first, .., last] if is_plain(*first) && is_plain(*last))
        || matches!(raw.as_bytes(), [only] if is_plain(*only))
}

/// Whether there is nothing but blanks in a value.
#[cold]
fn is_blank_value(raw: &str) -> bool {
    trim(&decoded(raw)).is_empty()
}

/// A value as XML reads it: references decoded, blanks of all kinds become spaces.
pub(crate) fn decoded(raw: &str) -> Cow<'_, str> {
    if raw.bytes().any(|byte| matches!(byte, b'&' | b'\t' | b'\r' | b'\n')) {
        let spaced = raw.replace("\r\n", " ").replace(['\t', '\r', '\n'], " ");
        return Cow::Owned(entities::unescape(&spaced).into_owned());
    }
    Cow::Borrowed(raw)
}
