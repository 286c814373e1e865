//! The start tag in hand.

use super::names::Name;
use super::scanner::Scanner;

/// The start tag read last.
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) known: Name,
    pub(super) attributes: Scanner<'a>,
    /// All that is behind the name.
    pub(super) rest: &'a str,
    pub(super) start: usize,
    /// It is `<x/>` and its end was not yet given out.
    pub(super) empty: bool,
    /// Its name is spelled with the wrong case, which was not yet complained about.
    pub(super) miscased: bool,
    /// One bit for each attribute that was seen.
    pub(super) seen: u128,
    /// One of those that were seen has no value.
    pub(super) has_blank: bool,
    pub(super) count: usize,
}

impl Tag<'_> {
    /// No tag read yet.
    pub(super) fn none() -> Tag<'static> {
        Tag {
            name: "",
            known: Name::Unknown,
            attributes: Scanner::new(""),
            rest: "",
            start: 0,
            empty: false,
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
