//! [`Part`]: what an element with a type of its own consists of, and [`Writer`], which it is given to.

use super::form::Form;
use super::rest::Rest;
use crate::model::{Element, Extra};
use crate::xml::{Emit, Name, Script};
use std::borrow::Cow;

/// An element with a type of its own: its attributes, its text, and its children by name and number. Which children there
/// may be, and in which order, says [`children`](crate::xml::children).
pub(crate) trait Part {
    fn extra(&self) -> &Extra;

    /// Gives the tag its attributes, in the order of [`Key`](crate::xml::Key).
    fn attributes(&self, _tag: &mut super::tag::Tag<'_>) {}

    /// The element's own text.
    fn content(&self) -> Option<Content<'_>> {
        None
    }

    /// How many children of this name there are, in whichever group.
    fn count(&self, _name: Name) -> usize {
        0
    }

    /// Writes one of them.
    fn item(&self, _writer: &mut Writer, _name: Name, _index: usize, _leaf: Leaf<'_, '_>) {}

    /// Gives the tag of a list of URLs what holds for the items in it, the first of which is this.
    fn list_attributes(&self, _tag: &mut super::tag::Tag<'_>, _name: Name, _index: usize) {}

    /// Whether these two items may stand in one list of URLs.
    fn can_share_list(&self, _name: Name, _one: usize, _other: usize) -> bool {
        true
    }
}

/// A document being written in some form.
pub(crate) struct Writer {
    pub(crate) out: Emit,
    pub(crate) form: Form,
    /// In what manner the next item is written.
    pub(crate) manner: Manner,
}

/// In what manner an item is written (VAST 1.0).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As an element of its own.
    #[default]
    Plain,
    /// As a `URL` in a list of them.
    Listed,
    /// As the own text of the element that is such a list.
    Own,
}

/// The text of an element.
pub(crate) enum Content<'a> {
    /// A URI, in CDATA.
    Uri(&'a str),
    /// A text of which every character counts, in CDATA.
    Text(Cow<'a, str>),
    /// A number, time or word.
    Value(Cow<'a, str>),
}

impl Content<'_> {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Content::Uri(text) => text,
            Content::Text(text) | Content::Value(text) => text,
        }
    }
}

/// What else there is about an element without a type of its own.
#[derive(Clone, Copy)]
pub(crate) enum Leaf<'r, 'a> {
    /// How the document had it, and its unknown parts.
    Read(Script<'a>, Option<&'a Element>),
    /// Its unknown parts are among these, under its name and number.
    New(&'r Rest<'a>, usize),
}
