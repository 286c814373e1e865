//! How a document is written, recorded while it is read: a script of bytes for each part of the model that is not written
//! as the writer would.
//!
//! A script is what is in an element, in order. An element is the byte of its name and, if there is something to say of
//! it, what is in it between [`OPEN`] and [`CLOSE`]; parts with a type of their own have scripts of their own, so theirs are
//! only named. Some steps need a text: those are in a list beside the script.

use super::names::Key;

mod record;
mod script;

pub(crate) use record::Recorded;
pub(super) use record::{Recorder, Spelling};
pub(crate) use script::{Script, Step};

// Bytes below 0x80 are children, `Name::Unknown` being the next unknown element; from here on attributes, `Key::Unknown`
// being the next unknown one.
pub(super) const FIRST_ATTRIBUTE: u8 = 0x80;
/// What is in the element just named, if that has to be said, stands between this and [`CLOSE`].
pub(super) const OPEN: u8 = 0xf0;
pub(super) const CLOSE: u8 = 0xf1;
/// A comment; its text.
pub(super) const COMMENT: u8 = 0xf2;
/// Text where only elements belong; that text.
pub(super) const STRAY: u8 = 0xf3;
/// The element's name is spelled otherwise; that name.
pub(super) const NAMED: u8 = 0xf4;
/// The attribute that follows is spelled otherwise; its name.
pub(super) const ATTRIBUTE_NAMED: u8 = 0xf5;
/// The value of the attribute that follows is spelled otherwise; the canonical spelling of what it was read as, and the
/// value as it stands.
pub(super) const SPELLED: u8 = 0xf6;
/// The value of the attribute that follows was read as nothing; the value as it stands.
pub(super) const BLANK: u8 = 0xf7;
/// The attribute that follows is not there, though the part has a value for it; that value in canonical spelling.
pub(super) const SILENT: u8 = 0xf8;
/// The element's text is spelled otherwise; as for [`SPELLED`].
pub(super) const CONTENT: u8 = 0xf9;
/// Unknown parts of this element are in the next unknown element of the part.
pub(super) const RESIDUE: u8 = 0xfa;
/// The element's text is markup; that markup.
pub(super) const MARKUP: u8 = 0xfb;

/// The element's own text is one of the items in it, which is a list of URLs otherwise (VAST 1.0).
pub(super) const OWN: u8 = 0xfc;

/// The part is a creative of VAST 1.0, which has no element for it.
pub(crate) const OUTSIDE: u8 = 0xfd;

/// How many texts a step takes.
pub(super) fn texts_of(step: u8) -> usize {
    match step {
        SPELLED | CONTENT => 2,
        COMMENT | STRAY | NAMED | ATTRIBUTE_NAMED | BLANK | SILENT | MARKUP => 1,
        _ => 0,
    }
}

/// The steps for an attribute that is not there, though the part has a value for it, which is their text.
pub(crate) fn silent(key: Key) -> [u8; 2] {
    [SILENT, FIRST_ATTRIBUTE + key as u8]
}
