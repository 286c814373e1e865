//! How far the start tag in hand was read.

use super::names::Name;
use super::scanner::Scanner;

/// The state of the start tag read last.
pub(super) struct Tag<'a> {
    pub(super) known: Name,
    /// How many of the attributes in plain form were given out.
    pub(super) given: usize,
    /// The attributes behind those in plain form.
    pub(super) tail: Scanner<'a>,
    pub(super) start: usize,
    /// It is `<x/>` and its end was not yet given out.
    pub(super) empty: bool,
    /// Its name is spelled with the wrong case, which was not yet complained about.
    pub(super) miscased: bool,
    /// One bit for each attribute that was seen.
    pub(super) seen: u64,
    /// One of those that were seen has no value.
    pub(super) has_blank: bool,
    pub(super) count: usize,
}

impl<'a> Tag<'a> {
    /// A tag of which nothing was looked at yet.
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

/// The name behind the prefix.
pub(super) fn local(name: &str) -> &str {
    match memchr::memchr(b':', name.as_bytes()) {
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}
