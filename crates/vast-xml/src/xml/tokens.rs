//! Splits a document into tokens.
//!
//! What markup nearly always consists of is recognized here: plain tags, texts, references and CDATA. Everything else,
//! and everything broken, is left to quick-xml, which judges it and words the complaint.

use super::notes::{Parsed, Stop};
use crate::ParseErrorKind;
use memchr::{memchr, memchr_iter, memchr2, memchr3};
use quick_xml::Reader;
use quick_xml::errors::IllFormedError;
use quick_xml::events::Event;
use std::ops::Range;

const CDATA: &str = "<![CDATA[";

/// One token. Ranges are of the document.
pub(crate) enum Token<'a> {
    /// A start tag, or an empty one: then no end tag follows.
    Start {
        name: &'a str,
        /// What is behind the name.
        rest: &'a str,
        empty: bool,
    },
    /// The end tag of the element opened last.
    End,
    Text(Range<usize>),
    /// An ampersand that begins no reference, with the text behind it.
    Ampersand(Range<usize>),
    /// What is between `&` and `;`.
    Reference(&'a str),
    /// What is in the section.
    CData(Range<usize>),
    /// What is in the comment.
    Comment(Range<usize>),
    /// A processing instruction or the XML declaration.
    Instruction,
    /// A document type declaration that names the root and declares nothing.
    Doctype,
    EndOfDocument,
}

/// An element whose end tag was not yet seen.
struct Open<'a> {
    name: &'a str,
    /// There is no quote in the name, which could hide the end of the end tag.
    plain: bool,
}

/// A place in a document.
pub(crate) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Open<'a>>,
}

impl<'a> Tokens<'a> {
    /// The tokens of the document from byte `at` on, which has to be a character boundary.
    pub(crate) fn new(text: &'a str, at: usize) -> Tokens<'a> {
        Tokens { text, at, open: Vec::with_capacity(16) }
    }

    /// How far the document was read.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    /// Passes over blanks if markup follows them.
    pub(crate) fn skip_layout(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let blanks = blanks(rest);
        if rest.get(blanks) == Some(&b'<') {
            self.at += blanks;
        }
    }

    #[inline]
    pub(crate) fn next(&mut self) -> Parsed<Token<'a>> {
        let rest = &self.text[self.at..];
        let known = match rest.as_bytes() {
            [] => Some(Token::EndOfDocument),
            [b'<', b'/', ..] => self.end_tag(rest),
            [b'<', b'!', ..] => self.cdata(rest),
            [b'<', b'?', ..] | [b'<'] => None,
            [b'<', ..] => self.start_tag(rest),
            [b'&', ..] => Some(self.reference(rest)),
            _ => Some(self.characters(rest)),
        };
        match known {
            Some(token) => Ok(token),
            None => self.unusual(rest),
        }
    }

    fn end_tag(&mut self, rest: &str) -> Option<Token<'a>> {
        let open = self.open.last().filter(|open| open.plain)?;
        rest[2..].strip_prefix(open.name)?.strip_prefix('>')?;
        self.at += open.name.len() + "</>".len();
        self.open.pop();
        Some(Token::End)
    }

    fn start_tag(&mut self, rest: &'a str) -> Option<Token<'a>> {
        let bytes = rest.as_bytes();
        let (end, first_quote) = tag_end(bytes)?;
        let empty = bytes[end - 1] == b'/';
        let inside = &rest[1..end - usize::from(empty)];
        let length = inside.bytes().position(is_blank).unwrap_or(inside.len());
        let (name, rest) = inside.split_at(length);
        if !empty {
            self.open.push(Open { name, plain: length < first_quote });
        }
        self.at += end + 1;
        Some(Token::Start { name, rest, empty })
    }

    fn cdata(&mut self, rest: &str) -> Option<Token<'a>> {
        let bytes = rest.strip_prefix(CDATA)?.as_bytes();
        let end = memchr_iter(b'>', bytes).find(|end| bytes[..*end].ends_with(b"]]"))?;
        let start = self.at + CDATA.len();
        self.at = start + end + 1;
        Some(Token::CData(start..self.at - "]]>".len()))
    }

    fn reference(&mut self, rest: &'a str) -> Token<'a> {
        let start = self.at;
        let end = memchr3(b';', b'&', b'<', &rest.as_bytes()[1..]).map_or(rest.len(), |end| end + 1);
        self.at += end;
        if rest.as_bytes().get(end) == Some(&b';') {
            self.at += 1;
            return Token::Reference(&rest[1..end]);
        }
        Token::Ampersand(start..self.at)
    }

    fn characters(&mut self, rest: &str) -> Token<'a> {
        let start = self.at;
        self.at += memchr2(b'<', b'&', rest.as_bytes()).unwrap_or(rest.len());
        Token::Text(start..self.at)
    }

    /// The token as quick-xml sees it.
    #[cold]
    fn unusual(&mut self, rest: &str) -> Parsed<Token<'a>> {
        let start = self.at;
        let mut reader = Reader::from_str(rest);
        // It does not know which elements are open.
        reader.config_mut().allow_unmatched_ends = true;
        let event = reader.read_event();
        let event = event.map_err(|error| damage(&error, start + offset(reader.error_position())))?;
        self.at += offset(reader.buffer_position());
        match event {
            Event::End(tag) => self.close(tag.name().0, start),
            Event::Comment(_) => Ok(Token::Comment(start + "<!--".len()..self.at - "-->".len())),
            Event::DocType(name) if self.open.is_empty() && is_harmless(&name) => Ok(Token::Doctype),
            Event::DocType(name) => Err(doctype(&name, start)),
            _ => Ok(Token::Instruction),
        }
    }

    fn close(&mut self, found: &str, start: usize) -> Parsed<Token<'a>> {
        let found = found.to_owned();
        let error = match self.open.pop() {
            Some(open) if open.name == found => return Ok(Token::End),
            Some(open) => IllFormedError::MismatchedEndTag { expected: open.name.to_owned(), found },
            None => IllFormedError::UnmatchedEndTag(found),
        };
        Err(damage(&error.into(), start))
    }
}

/// Where a tag ends, which is not inside quotes, and where its first quote is, or else its end.
fn tag_end(tag: &[u8]) -> Option<(usize, usize)> {
    let first = memchr3(b'>', b'"', b'\'', tag)?;
    let mut at = first;
    while tag[at] != b'>' {
        at += 2 + memchr(tag[at], &tag[at + 1..])?;
        at += memchr3(b'>', b'"', b'\'', &tag[at..])?;
    }
    Some((at, first))
}

/// How many blanks there are at the beginning.
fn blanks(text: &[u8]) -> usize {
    // A line's end and the indentation of the next.
    let mut count = usize::from(text.first() == Some(&b'\n'));
    while text[count..].first_chunk() == Some(b"        ") {
        count += 8;
    }
    while text[count..].first_chunk() == Some(b"  ") {
        count += 2;
    }
    count + text[count..].iter().take_while(|byte| is_blank(**byte)).count()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// The library's message; it may repeat names of any length.
fn damage(error: &quick_xml::Error, position: usize) -> Stop {
    let message: String = error.to_string().chars().take(256).collect();
    Stop::new(ParseErrorKind::NotXml, message, position)
}

/// Whether a document type declaration says nothing but the root's name: no external or internal part.
fn is_harmless(name: &str) -> bool {
    let name = name.trim();
    ["VAST", "VMAP", "vmap:VMAP", "VideoAdServingTemplate"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn doctype(name: &str, start: usize) -> Stop {
    match name.get(..4) {
        Some(html) if html.eq_ignore_ascii_case("html") => {
            Stop::new(ParseErrorKind::Html, "a web page, not an ad response", start)
        }
        _ => Stop::new(ParseErrorKind::Doctype, "document type declarations are refused", start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every token up to the end or the damage, with how far it goes.
    fn ours(text: &str) -> Vec<String> {
        let mut tokens = Tokens::new(text, 0);
        let mut seen = Vec::new();
        loop {
            let token = match tokens.next() {
                Ok(Token::Start { name, rest, empty }) => format!("start {name}|{rest}|{empty}"),
                Ok(Token::End) => "end".into(),
                Ok(Token::Text(range) | Token::Ampersand(range)) => format!("text {}", &text[range]),
                Ok(Token::Reference(name)) => format!("reference {name}"),
                Ok(Token::CData(range)) => format!("cdata {}", &text[range]),
                Ok(Token::Comment(range)) => format!("comment {}", &text[range]),
                Ok(Token::Instruction) => "instruction".into(),
                Ok(Token::Doctype) => "doctype".into(),
                Ok(Token::EndOfDocument) => return seen,
                Err(stop) if stop.kind() == ParseErrorKind::NotXml => {
                    seen.push(format!("{} at {}", stop.message(), stop.offset()));
                    return seen;
                }
                Err(_) => "doctype".into(),
            };
            seen.push(format!("{token} up to {}", tokens.offset()));
        }
    }

    /// What quick-xml says, reading it all by itself.
    fn theirs(text: &str) -> Vec<String> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().allow_dangling_amp = true;
        let mut seen = Vec::new();
        loop {
            let start = |tag: &str, length, empty| format!("start {}|{}|{empty}", &tag[..length], &tag[length..]);
            let token = match reader.read_event() {
                Ok(Event::Start(tag)) => start(&tag, tag.name().0.len(), false),
                Ok(Event::Empty(tag)) => start(&tag, tag.name().0.len(), true),
                Ok(Event::End(_)) => "end".into(),
                Ok(Event::Text(text)) => format!("text {}", &*text),
                Ok(Event::GeneralRef(name)) => format!("reference {}", &*name),
                Ok(Event::CData(text)) => format!("cdata {}", &*text),
                Ok(Event::Comment(text)) => format!("comment {}", &*text),
                Ok(Event::Decl(_) | Event::PI(_)) => "instruction".into(),
                Ok(Event::DocType(_)) => "doctype".into(),
                Ok(Event::Eof) => return seen,
                Err(error) => {
                    seen.push(format!("{error} at {}", reader.error_position()));
                    return seen;
                }
            };
            seen.push(format!("{token} up to {}", reader.buffer_position()));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn are_those_of_the_library(
            pieces in prop::collection::vec(prop::sample::select(&[
                "<", ">", "/", "<a", "<a>", "</a>", "</a >", "<b c=\"d\">", "</b>", "<b/>", "</a b='>'>", " ", "\n\t", "é",
                "\"", "'", "='", "=\"", "&", ";", "&amp;", "&#65;", "x", "<!--", "-->", "-", "--", "!", "?", "<?x", "?>",
                "<?xml ?>", "<![CDATA[", "]]>", "]", "]]", "[", "<!", "<!DOCTYPE x>", "<!doctype html", "<a\" \">", "</a\">", "<a\"b>",
            ][..]), 0..14)
        ) {
            let text = format!("<r>{}", pieces.concat());
            prop_assert_eq!(ours(&text), theirs(&text));
        }
    }

    #[test]
    fn ordinary_documents_are_read_to_the_end() {
        let text = "<?xml version=\"1.0\"?>\n<A b='>'>é&amp;&x <![CDATA[]]]]><!-- - --></A ><C/>";
        assert_eq!(ours(text), theirs(text));
        assert_eq!(ours(text).len(), 10);
    }
}
