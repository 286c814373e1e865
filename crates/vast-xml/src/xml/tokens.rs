//! Splits a document into tokens.
//!
//! The usual markup is recognized here: plain tags, texts, references and CDATA. quick-xml reads all other markup and
//! all damaged markup, and its error messages are used.

use super::blanks::layout;
use super::ends::{plain_text, section, section_end};
use super::notes::{Parsed, Stop};
use super::start_tag::StartTag;
use crate::error::ParseErrorKind;
use crate::name_table::begin_equally;
use memchr::{memchr_iter, memchr2, memchr3};
use quick_xml::Reader;
use quick_xml::errors::IllFormedError;
use quick_xml::events::Event;
use std::ops::Range;

const CDATA: &str = "<![CDATA[";

/// One token. Ranges are byte ranges of the document.
pub(crate) enum Token<'a> {
    /// A start tag. If it is `empty`, it is `<x/>`, and no end tag follows.
    Start {
        name: &'a str,
        /// The text of the tag after the name.
        rest: &'a str,
        empty: bool,
    },
    /// The end tag of the element opened last.
    End,
    Text(Range<usize>),
    /// An ampersand that begins no reference, with the text after it.
    Ampersand(Range<usize>),
    /// A reference: the text between `&` and `;`.
    Reference(&'a str),
    /// The content of a CDATA section.
    CData(Range<usize>),
    /// The content of a comment.
    Comment(Range<usize>),
    /// A processing instruction or the XML declaration.
    Instruction,
    /// A document type declaration that names the root and declares nothing.
    Doctype,
    EndOfDocument,
}

/// An element whose end tag has not been read yet.
struct Open {
    /// Where its name begins in the document.
    start: usize,
    length: usize,
    /// Whether there is no quote in the name. A quote could hide the `>` of the end tag.
    plain: bool,
}

/// The content of an element that consists of one text or one CDATA section.
pub(super) struct Single {
    /// The text without the white space before it, or the content of the section.
    pub(super) range: Range<usize>,
    /// Everything between the tags.
    pub(super) whole: Range<usize>,
    pub(super) is_section: bool,
    /// Whether it is certain that there is no control character in `range`.
    pub(super) is_clean: bool,
    /// The byte after the end tag.
    end: usize,
}

/// A position in a document, from which tokens are read.
pub(crate) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Open>,
    /// The white space before the markup read last.
    blanks: Range<usize>,
    pub(super) tag: StartTag,
}

impl<'a> Tokens<'a> {
    /// The tokens of the document from byte `at` on, which has to be a character boundary.
    pub(crate) fn new(text: &'a str, at: usize) -> Tokens<'a> {
        Tokens { text, at, open: Vec::new(), blanks: at..at, tag: StartTag::none() }
    }

    /// Continues at byte `at`, a character boundary outside all elements.
    pub(super) fn begin_at(&mut self, at: usize) {
        self.at = at;
    }

    /// Reserves room for the elements and attributes of a whole document. A small piece that is read again does without.
    pub(crate) fn reserve(&mut self) {
        self.open = Vec::with_capacity(8);
        self.tag.attributes = Vec::with_capacity(16);
    }

    /// The byte up to which the document has been read.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    #[inline]
    pub(crate) fn next(&mut self) -> Parsed<Token<'a>> {
        let rest = &self.text[self.at..];
        let known = match rest.as_bytes() {
            [] => Some(Token::EndOfDocument),
            [b'<', b'/', ..] => self.end_tag().then_some(Token::End),
            [b'<', b'!', ..] => self.cdata(rest),
            [b'<', b'?', ..] => self.declaration(rest),
            [b'<'] => None,
            [b'<', ..] => self.start_tag().then_some(Token::Start {
                name: self.tag.name(self.text),
                rest: self.tag.rest(self.text),
                empty: self.tag.empty,
            }),
            [b'&', ..] => Some(self.reference(rest)),
            _ => Some(self.characters(rest)),
        };
        match known {
            Some(token) => Ok(token),
            None => self.unusual(rest),
        }
    }

    /// Whether this text is next, after white space.
    pub(crate) fn is_followed_by(&self, text: &str) -> bool {
        let rest = &self.text.as_bytes()[self.at..];
        rest[layout(rest)..].starts_with(text.as_bytes())
    }

    /// Skips white space if markup follows it, and returns the byte after the `<`.
    #[inline(always)]
    pub(super) fn markup_ahead(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        let blanks = match self.is_blanks_again(rest) {
            true => self.blanks.len(),
            false => layout(rest),
        };
        let [b'<', kind] = rest[blanks..].first_chunk()? else { return None };
        self.blanks = self.at..self.at + blanks;
        self.at += blanks;
        Some(*kind)
    }

    /// Whether a text begins with the same white space as the one before the markup read last, and markup follows it. Most elements are
    /// indented as the element before. This is only compared, so that the processor can go on before it knows the result: it would
    /// have to wait for a number that is counted.
    #[inline(always)]
    fn is_blanks_again(&self, rest: &[u8]) -> bool {
        let length = self.blanks.len();
        let before = self.text.as_bytes().get(self.blanks.start..).unwrap_or_default();
        rest.get(length) == Some(&b'<') && begin_equally(rest, before, length)
    }

    /// Reads the end tag that is next, if it has the plain form.
    #[inline(always)]
    pub(super) fn end_tag(&mut self) -> bool {
        match self.closing(self.at) {
            Some(end) => {
                self.at = end;
                self.open.pop();
                true
            }
            None => false,
        }
    }

    /// The byte after the end tag that begins at byte `at`, if it has the plain form.
    #[inline(always)]
    fn closing(&self, at: usize) -> Option<usize> {
        let open = self.open.last().filter(|open| open.plain)?;
        let rest = self.text.as_bytes().get(at..)?;
        let [b'<', b'/', behind @ ..] = rest else { return None };
        let length = open.length;
        if behind.get(length) != Some(&b'>') {
            return None;
        }
        // The name is read again from the document: the processor stalls when it reads together what was written in parts.
        let is_same = begin_equally(behind, self.text.as_bytes().get(open.start..)?, length);
        is_same.then_some(at + length + "</>".len())
    }

    /// Reads the start tag that is next into [`Tokens::tag`], if it ends.
    #[inline(always)]
    pub(super) fn start_tag(&mut self) -> bool {
        let Some(end) = self.tag.read(self.text, self.at) else { return false };
        if !self.tag.empty {
            let Range { start, end } = self.tag.name_range();
            self.open.push(Open { start, length: end - start, plain: self.tag.has_plain_name });
        }
        self.at = end;
        true
    }

    /// The content of the element opened last, up to its end tag, where it is one text or one CDATA section in plain form.
    #[inline(always)]
    pub(super) fn single_content(&self) -> Option<Single> {
        let bytes = self.text.as_bytes();
        let start = self.at + layout(&bytes[self.at..]);
        let is_section = bytes[start..].starts_with(CDATA.as_bytes());
        let (range, behind, is_clean) = match is_section {
            true => {
                let start = start + CDATA.len();
                let (end, is_clean) = section(bytes, start)?;
                let behind = end + "]]>".len();
                (start..end, behind + layout(bytes.get(behind..)?), is_clean)
            }
            false => {
                let (end, is_clean) = plain_text(bytes, start)?;
                (start..end, end, is_clean)
            }
        };
        let end = self.closing(behind)?;
        Some(Single { range, whole: self.at..behind, is_section, is_clean, end })
    }

    /// Moves to the byte after the end tag.
    #[inline(always)]
    pub(super) fn leave(&mut self, single: &Single) {
        self.at = single.end;
        self.open.pop();
    }

    /// The XML declaration.
    fn declaration(&mut self, rest: &str) -> Option<Token<'a>> {
        let behind = rest.strip_prefix("<?xml ")?;
        let end = memchr_iter(b'>', behind.as_bytes()).find(|end| behind[..*end].ends_with('?'))?;
        self.at += "<?xml ".len() + end + ">".len();
        Some(Token::Instruction)
    }

    fn cdata(&mut self, rest: &str) -> Option<Token<'a>> {
        let bytes = rest.strip_prefix(CDATA)?.as_bytes();
        let start = self.at + CDATA.len();
        let end = start + section_end(bytes)?;
        self.at = end + "]]>".len();
        Some(Token::CData(start..end))
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

    /// The next token, as quick-xml reads it.
    #[cold]
    fn unusual(&mut self, rest: &str) -> Parsed<Token<'a>> {
        let start = self.at;
        let mut reader = Reader::from_str(rest);
        // This reader sees only the rest of the document, so it does not know which elements are open.
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
            Some(open) => match self.text.get(open.start..open.start + open.length).unwrap_or_default() {
                name if name == found => return Ok(Token::End),
                name => IllFormedError::MismatchedEndTag { expected: name.to_owned(), found },
            },
            None => IllFormedError::UnmatchedEndTag(found),
        };
        Err(damage(&error.into(), start))
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// The error with quick-xml's message, cut to 256 characters because it may contain names of any length.
fn damage(error: &quick_xml::Error, position: usize) -> Stop {
    let message: String = error.to_string().chars().take(256).collect();
    Stop::new(ParseErrorKind::NotXml, message, position)
}

/// Whether a document type declaration has only the name of the root: no external or internal subset.
fn is_harmless(name: &str) -> bool {
    let name = name.trim();
    ["VAST", "VMAP", "vmap:VMAP", "VideoAdServingTemplate", "DAAST"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
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
    use super::super::cursor::Cursor;
    use super::super::names::Key;
    use super::super::notes::Notes;
    use super::super::scanner::{Scanned, Scanner};
    use super::super::start_tag::is_trimmed;
    use super::*;
    use crate::options::ParseOptions;
    use proptest::prelude::*;
    use std::sync::Arc;

    /// Every token up to the end or the first error, each with the offset after it.
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

    /// The same from quick-xml, which reads the whole text.
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

    proptest! {
        #[test]
        fn children_are_found_behind_any_white_space(
            blanks in prop::collection::vec(prop::sample::select(&[
                "", " ", "\n", "\n  ", "\n   ", "\n\t\t", "\r\n  ", "\n                    ", "\n                     ", "<!-- -->\n  ",
            ][..]), 1..12)
        ) {
            let text = format!("<r>{}</r>", blanks.iter().map(|blanks| format!("{blanks}<a>x</a>")).collect::<String>());
            let source = Arc::from(text.as_str());
            let mut cursor = Cursor::new(&source, Notes::new(&ParseOptions::default(), 0));
            let mut found = Vec::new();
            let read = cursor.child().and_then(|_| {
                while cursor.child()?.is_some() {
                    found.push(cursor.tag_start());
                    cursor.skip()?;
                }
                Ok(cursor.offset())
            });
            prop_assert_eq!(read.ok(), Some(text.len()));
            let places: Vec<_> = text.match_indices("<a>").map(|(place, _)| place).collect();
            prop_assert_eq!(found, places);
        }
    }

    /// Attributes in the order of the tag, up to the first that cannot be read.
    fn split<'a>(mut scanner: Scanner<'a>, mut seen: Vec<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
        loop {
            match scanner.next() {
                Scanned::Attribute { name, raw } | Scanned::Loose { name, raw } => seen.push((name, raw)),
                Scanned::Bare(name) => seen.push(("bare", name)),
                Scanned::Bad(rest) => seen.push(("bad", rest)),
                Scanned::End => return seen,
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn attributes_in_plain_form_are_split_as_the_others(
            pieces in prop::collection::vec(prop::sample::select(&[
                " ", "\n\t", "\r", "a", "id=\"1\"", "ID='x y'", "b=\"&amp;\"", "c= \"2\"", "d =\"3\"", "é=\"é\"", "=", "\"", "'", "/",
                "e-f=\"4\"", "xmlns:x=\"urn:x\"", "aRatherLongNameOfAnAttribute=\"and an even longer value\"", "g=\"\"",
                "h=\"a\u{1}b\"", "i=\" x\"", "j=5", "k=\"&\"", "&quot;", "?", "<", "width=\"640\"", "apiFramework='VPAID'",
            ][..]), 0..9)
        ) {
            let text = format!("<r{}>", pieces.concat());
            let mut tokens = Tokens::new(&text, 0);
            if let Ok(Token::Start { rest, .. }) = tokens.next() {
                let tag = &tokens.tag;
                let plain: Vec<_> = tag.attributes.clone();
                for attribute in &plain {
                    prop_assert_eq!((attribute.key(), attribute.is_exact()), Key::find(attribute.name(&text)), "{}", text);
                    let has_special = attribute.raw(&text).bytes().any(|byte| byte == b'&' || byte < b' ');
                    prop_assert_eq!(attribute.is_plain(), !has_special && is_trimmed(attribute.raw(&text).as_bytes()), "{}", text);
                }
                let plain = plain.iter().map(|attribute| (attribute.name(&text), attribute.raw(&text))).collect();
                prop_assert_eq!(split(Scanner::new(tag.tail(&text)), plain), split(Scanner::new(rest), Vec::new()), "{}", text);
            }
        }
    }

    #[test]
    fn ordinary_documents_are_read_to_the_end() {
        let text = "<?xml version=\"1.0\"?>\n<A b='>'>é&amp;&x <![CDATA[]]]]><!-- - --></A ><C/>";
        assert_eq!(ours(text), theirs(text));
        assert_eq!(ours(text).len(), 10);
    }
}
