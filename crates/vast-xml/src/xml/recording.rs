//! What the reader notes about how the document is written, so that it can be written back.

use super::attributes::{Attribute, decoded};
use super::blanks::trim;
use super::cursor::Cursor;
use super::names::{Key, Name};
use super::notes::Parsed;
use super::scanner::{Scanned, Scanner};
use super::shape::{COMMENT, MARKUP, OWN, Recorded, Spelling};
use super::tag::Reading;
use crate::{Text, WarningCode};
use std::ops::Range;

impl<'a> Cursor<'a> {
    /// How the element just read is written; nothing if that is how the writer would. To be asked for by every part that
    /// has a place for it, at its end; what is not asked for falls to the part around it.
    #[inline]
    pub(crate) fn recorded(&mut self) -> Option<Recorded> {
        if self.recorder.end(self.depth + 1) { self.recorder.take() } else { None }
    }

    /// The element in hand is another one than its name says.
    pub(crate) fn stands_for(&mut self, name: Name) {
        let written = self.tag.name;
        let written = (written != name.as_str()).then(|| self.text_of(self.range_of(written)));
        self.recorder.stands_for(name, written, self.depth);
    }

    /// The element in hand is kept as it stands, under this name: `Name::Unknown` for those among the unknown elements.
    pub(crate) fn as_it_stands(&mut self, name: Name) {
        self.recorder.only(name, self.depth);
    }

    /// The element just read is kept as it stands, among the unknown elements.
    pub(crate) fn set_aside(&mut self) {
        self.recorder.only(Name::Unknown, self.depth + 1);
    }

    /// The child of the element in hand that stands for this name is kept among the unknown elements after all.
    pub(crate) fn set_aside_child(&mut self, name: Name) {
        self.recorder.set_aside_child(name, self.depth);
    }

    /// The same for the element just read.
    pub(crate) fn set_aside_child_of_last(&mut self, name: Name) {
        self.recorder.set_aside_child(name, self.depth + 1);
    }

    /// Unknown parts of the element just read are kept in an unknown element.
    pub(crate) fn set_aside_rest(&mut self) {
        self.recorder.residue(self.depth + 1);
    }

    /// The attribute, already read, is kept among the unknown ones: known ones should not follow.
    pub(crate) fn kept(&mut self) {
        self.tag.last = Key::Unknown as u8;
    }

    /// The attribute counts as nothing.
    pub(crate) fn read_as_nothing(&mut self, attribute: &Attribute<'a>) {
        self.reading(Reading { key: attribute.key, meant: attribute.key, canonical: None });
    }

    /// The attribute was read as a value with this canonical spelling.
    pub(crate) fn read_as(&mut self, attribute: &Attribute<'a>, canonical: &str) {
        if attribute.raw != canonical && decoded(attribute.raw) != canonical {
            let canonical = Some(Text::from(canonical));
            self.reading(Reading { key: attribute.key, meant: attribute.key, canonical });
        }
    }

    /// The attribute was read as this one.
    pub(crate) fn meant(&mut self, attribute: &Attribute<'a>, meant: Key) {
        let canonical = self.value(attribute);
        self.reading(Reading { key: attribute.key, meant, canonical });
    }

    /// The element in hand has a value for an attribute that it does not have.
    pub(crate) fn without(&mut self, key: Key, canonical: Text) {
        let spelling = Spelling { canonical: Some(canonical), written: None };
        self.recorder.attribute(self.depth, key, None, Some(spelling));
    }

    /// The text of the element just read was read as one with this canonical spelling.
    pub(crate) fn content_read_as(&mut self, canonical: Text, written: Text) {
        if canonical != written {
            self.recorder.content(self.depth + 1, canonical, written);
        }
    }

    /// The text of the element just read is markup.
    pub(crate) fn content_is_markup(&mut self, markup: Text) {
        self.recorder.note(self.depth + 1, &[MARKUP], [markup]);
    }

    /// The own text of the element just read is an item of the list that it is.
    pub(crate) fn content_is_item(&mut self) {
        self.recorder.note(self.depth + 1, &[OWN], []);
    }

    /// Stops recording what is read until that is turned on again; gives what it was.
    pub(crate) fn pause_recording(&mut self, paused: bool) -> bool {
        self.recorder.pause(paused)
    }

    /// Forgets the part of which the document has only the beginning.
    pub(crate) fn abandon_unfinished(&mut self) {
        let depth = std::mem::replace(&mut self.depth, 0);
        self.recorder.abandon(depth);
    }

    #[cold]
    pub(super) fn record_comment(&mut self, range: Range<usize>) {
        let comment = self.characters_of(range);
        self.recorder.note(self.depth, &[COMMENT], [comment]);
    }

    #[cold]
    pub(super) fn stray(&mut self, range: Range<usize>, start: usize) -> Parsed<()> {
        let text = self.slice(range);
        self.stray_text(text, start)
    }

    #[cold]
    pub(super) fn stray_text(&mut self, text: &str, start: usize) -> Parsed<()> {
        self.recorder.stray(self.depth, text);
        self.warn_at(WarningCode::StrayText, "text between elements was ignored", start)
    }

    /// Records the attributes of the tag in hand, all of which were read, in their order.
    #[cold]
    pub(super) fn record_attributes(&mut self) {
        self.tag.odd = false;
        let readings = std::mem::take(&mut self.readings);
        let mut scanner = Scanner::new(self.tag.rest);
        let mut seen: Vec<(Key, &str)> = Vec::new();
        while let Scanned::Attribute { name, raw } = scanner.next() {
            // The writer of playlists declares their prefix by itself, so it is not among the unknown attributes.
            let is_declared_anew = self.tag.known == Name::Vmap && name == "xmlns:vmap";
            if is_declared_anew || seen.iter().any(|(_, other)| *other == name) {
                continue;
            }
            let (key, _) = Key::find(name);
            let again = seen.iter().any(|(other, _)| *other == key);
            seen.push((key, name));
            let reading = readings.iter().rev().find(|reading| reading.key == key);
            self.record_attribute(if again { Key::Unknown } else { key }, name, raw, reading);
        }
    }

    fn record_attribute(&mut self, key: Key, name: &str, raw: &'a str, reading: Option<&Reading>) {
        if key == Key::Unknown {
            return self.recorder.attribute(self.depth, key, None, None);
        }
        let meant = reading.map_or(key, |reading| reading.meant);
        let written = decoded(raw);
        let canonical = match reading {
            Some(reading) => reading.canonical.clone(),
            None => Some(trim(&written)).filter(|value| !value.is_empty()).map(Text::from),
        };
        let same = canonical.as_deref() == Some(&*written);
        let spelling = (!same).then(|| Spelling { canonical, written: Some(self.keep(written)) });
        let name = (name != meant.as_str()).then(|| self.text_of(self.range_of(name)));
        self.recorder.attribute(self.depth, meant, name, spelling);
    }

    fn reading(&mut self, reading: Reading) {
        self.tag.odd = true;
        self.readings.push(reading);
    }
}
