//! The start tag in hand.

use super::names::{Key, Name};
use super::scanner::Scanner;
use crate::Text;

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
    pub(super) count: usize,
    /// The attribute read last, by its number, or the unknown one when that was kept as unknown.
    pub(super) last: u8,
    /// The attributes do not stand as the writer would write them.
    pub(super) odd: bool,
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
            count: 0,
            last: 0,
            odd: false,
        }
    }
}

/// What an attribute of the tag in hand was read as, where that is not what it looks like.
pub(super) struct Reading {
    pub(super) key: Key,
    /// The attribute that it is.
    pub(super) meant: Key,
    /// The canonical spelling of its value; none for a value that counts as nothing.
    pub(super) canonical: Option<Text>,
}

/// The name behind the prefix.
pub(super) fn local(name: &str) -> &str {
    match memchr::memchr(b':', name.as_bytes()) {
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}
