//! The attributes of the current start tag.

use super::blanks::trim;
use super::cursor::Cursor;
use super::entities;
use super::names::Key;
use super::notes::{Parsed, Stop, clipped, within};
use super::scanner::{Scanned, Scanner};
use super::start_tag::{RawAttribute, RecordedAttribute, is_trimmed};
use crate::error::ParseErrorKind;
use crate::text::Text;
use crate::warning::WarningCode;
use std::borrow::Cow;

impl<'a> Cursor<'a> {
    /// The next attribute of the current start tag.
    ///
    /// # Errors
    /// [`ParseErrorKind::NotXml`] when the attributes are not well formed, because their values would be guesses.
    #[inline(always)]
    pub(crate) fn attribute(&mut self) -> Parsed<Option<RawAttribute>> {
        self.settle_case()?;
        if self.tokens.tag.is_ordinary { Ok(self.recorded()) } else { self.admitted() }
    }

    /// The next attribute that is recorded.
    #[inline(always)]
    fn recorded(&mut self) -> Option<RawAttribute> {
        let index = self.tag.given;
        let key = self.tokens.tag.attributes.get(index)?.key();
        self.tag.given += 1;
        Some(RawAttribute { key, index: index as u32 })
    }

    #[inline(always)]
    fn place(&self, attribute: RawAttribute) -> RecordedAttribute {
        self.tokens.tag.attributes.get(attribute.index as usize).copied().unwrap_or(RecordedAttribute::NONE)
    }

    /// The name of an attribute as written.
    pub(crate) fn name_of(&self, attribute: RawAttribute) -> &'a str {
        self.place(attribute).name(self.input)
    }

    /// Where an attribute begins.
    pub(crate) fn start_of(&self, attribute: RawAttribute) -> usize {
        self.place(attribute).start()
    }

    /// The value of an attribute between its quotes, entities undecoded.
    pub(crate) fn raw_of(&self, attribute: RawAttribute) -> &'a str {
        self.place(attribute).raw(self.input)
    }

    /// The value of an attribute, if it has no blanks at its ends, no control characters and no references.
    #[inline]
    pub(crate) fn plain(&self, attribute: RawAttribute) -> Option<&'a str> {
        let place = self.place(attribute);
        place.is_plain().then(|| place.raw(self.input))
    }

    /// The next attribute in any form. Repeated attributes are skipped.
    fn admitted(&mut self) -> Parsed<Option<RawAttribute>> {
        while let Some(attribute) = self.scanned(true)? {
            self.count_attribute(self.raw_of(attribute))?;
            if let Some(attribute) = self.admit(attribute)? {
                return Ok(Some(attribute));
            }
        }
        Ok(None)
    }

    /// The next attribute of the current start tag, for an element that may have any attributes. Attributes that are not well
    /// formed are ignored with a warning, because the standard defines none of them.
    pub(crate) fn raw_attribute(&mut self) -> Parsed<Option<RawAttribute>> {
        self.tag.miscased = false;
        let Some(attribute) = self.scanned(false)? else { return Ok(None) };
        self.count_attribute(self.raw_of(attribute))?;
        Ok(Some(attribute))
    }

    /// The next attribute as written, not yet checked.
    fn scanned(&mut self, is_known: bool) -> Parsed<Option<RawAttribute>> {
        match self.recorded() {
            None if !self.tokens.tag.is_ordinary => self.scanned_loosely(is_known),
            recorded => Ok(recorded),
        }
    }

    /// The next attribute after those in plain form.
    fn scanned_loosely(&mut self, is_known: bool) -> Parsed<Option<RawAttribute>> {
        let (name, raw) = loop {
            match self.tag.tail.next() {
                Scanned::Attribute { name, raw } => break (name, raw),
                Scanned::Loose { name, raw } => {
                    self.loose_quotes(name)?;
                    break (name, raw);
                }
                Scanned::Bare(name) => self.bad_attribute(name, "an attribute without a value was ignored")?,
                Scanned::Bad(rest) => self.bad_tag(rest, is_known)?,
                Scanned::End => return Ok(None),
            }
        };
        let place = RecordedAttribute::new(self.range_of(name), self.range_of(raw), Key::find(name), false);
        self.tokens.tag.attributes.push(place);
        Ok(self.recorded())
    }

    /// An attribute's value, blanks at its ends removed; a blank value counts as absent.
    #[inline]
    pub(crate) fn value(&self, attribute: RawAttribute) -> Option<Text> {
        let place = self.place(attribute);
        if place.is_plain() {
            return Some(self.text_of(place.range()));
        }
        self.spelling(attribute).map(|value| self.keep(value))
    }

    /// Like [`Cursor::value`], but writes the value to its place.
    pub(crate) fn value_into(&self, attribute: RawAttribute, into: &mut Option<Text>) {
        let place = self.place(attribute);
        match place.is_plain() {
            true => *into = Some(self.text_of(place.range())),
            false => self.unusual_value_into(attribute, into),
        }
    }

    #[cold]
    fn unusual_value_into(&self, attribute: RawAttribute, into: &mut Option<Text>) {
        *into = self.value(attribute);
    }

    /// Like [`Cursor::value`], but without making a [`Text`]. If the value is stored, [`Cursor::keep`] makes the
    /// `Text`.
    pub(crate) fn spelling(&self, attribute: RawAttribute) -> Option<Cow<'a, str>> {
        if let Some(value) = self.plain(attribute) {
            return Some(Cow::Borrowed(value));
        }
        let raw = self.raw_of(attribute);
        let value = match decoded(raw) {
            Cow::Borrowed(value) => Cow::Borrowed(trim(value)),
            Cow::Owned(value) if trim(&value).len() == value.len() => Cow::Owned(value),
            Cow::Owned(value) => Cow::Owned(trim(&value).to_owned()),
        };
        Some(value).filter(|value| !value.is_empty())
    }

    /// An attribute's value with the blanks at its ends.
    pub(crate) fn exact_value(&self, attribute: RawAttribute) -> Text {
        let place = self.place(attribute);
        if place.is_plain() { self.text_of(place.range()) } else { self.keep(decoded(place.raw(self.input))) }
    }

    /// How many attributes in plain form the current start tag begins with.
    pub(crate) fn plain_attributes(&self) -> usize {
        self.tokens.tag.attributes.len()
    }

    /// A value as a [`Text`]. A value that is a piece of the document is not copied.
    pub(crate) fn keep(&self, value: Cow<'a, str>) -> Text {
        match value {
            Cow::Borrowed(piece) => self.text_of(self.range_of(piece)),
            Cow::Owned(value) => Text::from(value),
        }
    }

    fn admit(&mut self, attribute: RawAttribute) -> Parsed<Option<RawAttribute>> {
        let (key, name, raw) = (attribute.key, self.name_of(attribute), self.raw_of(attribute));
        let bit = 1_u64 << (key as u32);
        if !self.place(attribute).is_exact() {
            self.miscased_attribute(key, name)?;
            if self.has_attribute(key.as_str()) {
                return self.admit_again(attribute);
            }
        }
        if self.tag.seen & bit == 0 && !(self.tag.has_blank && self.stands_before(name)) {
            // A blank value counts as absent, so a later attribute with the same name in another case may be used.
            if is_trimmed(raw.as_bytes()) || !is_blank_value(raw) {
                self.tag.seen |= bit;
            } else {
                self.tag.has_blank = true;
            }
            return Ok(Some(attribute));
        }
        if key != Key::Unknown && is_blank_value(raw) && !self.stands_before(name) {
            return Ok(None);
        }
        self.admit_again(attribute)
    }

    #[cold]
    fn miscased_attribute(&mut self, key: Key, name: &str) -> Parsed<()> {
        let is_of_version = match name {
            // The spelling of VAST 2.0 and 3.0.
            "AdID" => true,
            // The spelling of the text of 3.0 and of the schemas of 4.0 and 4.4.
            "adSlotID" => matches!(self.version(), Some((3, 0) | (4, 0) | (4, 4))),
            _ => false,
        };
        if is_of_version {
            return Ok(());
        }
        let message = format!("@{} should be @{}", clipped(name), key.as_str());
        self.warn_at(WarningCode::WrongCase, message, self.range_of(name).start)
    }

    /// Whether the start tag read last has an attribute of exactly this name with a value.
    pub(crate) fn has_attribute(&self, name: &str) -> bool {
        let mut scanner = Scanner::new(self.tokens.tag.rest(self.input));
        std::iter::from_fn(|| match scanner.next() {
            Scanned::Attribute { name, raw } | Scanned::Loose { name, raw } => Some((name, raw)),
            Scanned::Bare(name) => Some((name, "")),
            Scanned::Bad(_) | Scanned::End => None,
        })
        .any(|(other, raw)| other == name && !is_blank_value(raw))
    }

    /// Handles an attribute whose key the tag already has. The same name is dropped with a warning. A known name in another
    /// case is kept as unknown, with a warning. Unknown attributes share one key, so different names need no warning.
    #[cold]
    fn admit_again(&mut self, attribute: RawAttribute) -> Parsed<Option<RawAttribute>> {
        let (key, name) = (attribute.key, self.name_of(attribute));
        let twice = self.stands_before(name);
        if twice || key != Key::Unknown {
            let message = format!("@{name} stands {}", if twice { "twice" } else { "again, in another case" });
            self.warn_at(WarningCode::DuplicateAttribute, message, self.range_of(name).start)?;
        }
        Ok(if twice { None } else { Some(RawAttribute { key: Key::Unknown, ..attribute }) })
    }

    /// Whether the current start tag has an attribute of exactly this name before `name`, which is a piece of the tag.
    fn stands_before(&self, name: &str) -> bool {
        let mut scanner = Scanner::new(self.tokens.tag.rest(self.input));
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
        let message = format!("the value of @{} is not in quotes that XML allows", clipped(name));
        self.warn_at(WarningCode::LooseQuotes, message, self.range_of(name).start)
    }

    /// Handles a tag that is not well formed from `rest` on.
    #[cold]
    fn bad_tag(&mut self, rest: &str, is_known: bool) -> Parsed<()> {
        if is_known && !self.notes.is_muted() {
            let message = format!("the attributes of <{}> are not well formed", clipped(self.tag_name()));
            return Err(Stop::new(ParseErrorKind::NotXml, message, self.range_of(rest).start));
        }
        self.bad_attribute(rest, "attributes that are not well formed were ignored")
    }

    #[cold]
    fn bad_attribute(&mut self, piece: &str, message: &'static str) -> Parsed<()> {
        self.warn_at(WarningCode::BadAttribute, message, self.range_of(piece).start)
    }
}

/// Whether a value has only blanks.
#[cold]
fn is_blank_value(raw: &str) -> bool {
    trim(&decoded(raw)).is_empty()
}

/// A value as XML reads it: references are decoded, tabs and line ends become spaces.
pub(crate) fn decoded(raw: &str) -> Cow<'_, str> {
    if raw.bytes().any(|byte| matches!(byte, b'&' | b'\t' | b'\r' | b'\n')) {
        let spaced = raw.replace("\r\n", " ").replace(['\t', '\r', '\n'], " ");
        return Cow::Owned(entities::unescape(&spaced).into_owned());
    }
    Cow::Borrowed(raw)
}
