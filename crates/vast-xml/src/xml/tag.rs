//! How far the current start tag has been read.

use super::names::Name;
use super::scanner::Scanner;

/// The state of the start tag read last.
pub(super) struct Tag<'a> {
    pub(super) known: Name,
    /// How many attributes in plain form the cursor has given.
    pub(super) given: usize,
    /// The attributes after those in plain form.
    pub(super) tail: Scanner<'a>,
    pub(super) start: usize,
    /// Whether the tag is `<x/>` and the cursor has not yet given the end of the element.
    pub(super) empty: bool,
    /// Whether the name has the wrong case and there is no warning of it yet.
    pub(super) miscased: bool,
    /// One bit for each attribute name that was read with a value.
    pub(super) seen: u64,
    /// Whether an attribute with a blank value was read.
    pub(super) has_blank: bool,
    pub(super) count: usize,
}

impl<'a> Tag<'a> {
    /// Begins with another tag. The fields for a tag that is not ordinary keep their values.
    #[inline(always)]
    pub(super) fn begin(&mut self, start: usize, empty: bool) {
        (self.start, self.empty) = (start, empty);
        (self.given, self.count) = (0, 0);
    }

    /// Begins with the attributes of a tag that is not ordinary: `tail` has those that are not in plain form.
    pub(super) fn begin_unusual(&mut self, tail: &'a str) {
        self.tail = Scanner::new(tail);
        (self.seen, self.has_blank) = (0, false);
    }

    /// A tag of which nothing has been read yet.
    pub(super) fn new(start: usize, tail: &'a str, empty: bool) -> Tag<'a> {
        Tag {
            known: Name::Unknown,
            given: 0,
            tail: Scanner::new(tail),
            start,
            empty,
            miscased: false,
            seen: 0,
            has_blank: false,
            count: 0,
        }
    }
}

/// The name without its prefix.
pub(super) fn local(name: &str) -> &str {
    match memchr::memchr(b':', name.as_bytes()) {
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}
