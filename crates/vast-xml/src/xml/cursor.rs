//! [`Cursor`]: walks a document element by element.
//!
//! After the cursor has given a child element, the caller first reads its attributes with [`Cursor::attribute`], then its
//! content up to the end with [`Cursor::child`], [`Cursor::next`], [`Cursor::markup`] or [`Cursor::skip`].

use super::blanks::{is_blank, with_line_feeds};
use super::entities;
use super::names::Name;
use super::notes::{Notes, Parsed, Stop, within};
use super::tag::{Tag, local};
use super::tokens::{Token, Tokens};
use crate::error::ParseErrorKind;
use crate::text::Text;
use crate::warning::WarningCode;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// The most levels of nested elements. Reading is recursive, so more levels could exhaust the stack.
const DEEPEST: usize = 256;

/// A position in a document, with the warnings and counters of the reading.
pub(crate) struct Cursor<'a> {
    pub(super) input: &'a str,
    pub(super) source: &'a Arc<str>,
    pub(super) tokens: Tokens<'a>,
    pub(super) tag: Tag<'a>,
    pub(super) depth: usize,
    pub(super) notes: Notes,
    /// The error of [`Cursor::advance`].
    stop: Option<Stop>,
}

/// What follows in the content of an element.
enum NextChild {
    Child(Name),
    End,
    /// An error.
    Stopped,
}

/// One part of the content of an element.
pub(crate) enum Markup {
    /// The start tag of a child element.
    Child,
    /// Text: its range in the input.
    Text(Range<usize>),
    /// A decoded reference.
    Character(char),
    /// The content of a CDATA section.
    CData(Range<usize>),
    /// The content of a comment.
    Comment(Range<usize>),
    /// The end of the element, or outside all elements the end of the document.
    End,
}

impl<'a> Cursor<'a> {
    /// A cursor at the beginning of the document in `source`.
    #[inline(always)]
    pub(crate) fn new(source: &'a Arc<str>, notes: Notes) -> Cursor<'a> {
        let mut tokens = Tokens::new(source, 0);
        tokens.reserve();
        Cursor { input: source, source, tokens, tag: Tag::new(0, "", false), depth: 0, notes, stop: None }
    }

    /// Continues at byte `at`, a character boundary outside all elements.
    pub(crate) fn begin_at(&mut self, at: usize) {
        self.tokens.begin_at(at);
    }

    /// The whole document.
    pub(crate) fn input(&self) -> &'a str {
        self.input
    }

    #[inline(always)]
    pub(crate) fn into_notes(self) -> Notes {
        self.notes
    }

    /// The name of the start tag read last, with its prefix.
    pub(crate) fn tag_name(&self) -> &'a str {
        self.tokens.tag.name(self.input)
    }

    /// The start tag read last, as a name of the standard.
    pub(crate) fn name(&self) -> Name {
        self.tag.known
    }

    /// The offset at which the start tag that was read last begins.
    pub(crate) fn tag_start(&self) -> usize {
        self.tag.start
    }

    /// The byte up to which the document has been read.
    pub(crate) fn offset(&self) -> usize {
        self.tokens.offset()
    }

    /// Whether this text is next, after white space.
    pub(crate) fn is_followed_by(&self, text: &str) -> bool {
        self.tokens.is_followed_by(text)
    }

    /// A piece of the document.
    pub(crate) fn slice(&self, range: Range<usize>) -> &'a str {
        self.input.get(range).unwrap_or_default()
    }

    /// A piece of the document as a [`Text`] for the model, with line ends as XML requires them.
    pub(crate) fn characters_of(&self, range: Range<usize>) -> Text {
        match with_line_feeds(self.slice(range.clone())) {
            Cow::Owned(text) => Text::from(text),
            Cow::Borrowed(_) => self.text_of(range),
        }
    }

    /// A piece of the document as a [`Text`] for the model, unchanged.
    #[inline(always)]
    pub(crate) fn text_of(&self, range: Range<usize>) -> Text {
        Text::slice(self.source, range)
    }

    /// The next child of the current element, or `None` at its end. Text between children is ignored with a warning.
    #[inline(always)]
    pub(crate) fn child(&mut self) -> Parsed<Option<Name>> {
        match self.advance() {
            NextChild::Child(name) => Ok(Some(name)),
            NextChild::End => Ok(None),
            NextChild::Stopped => Err(self.stopped()),
        }
    }

    /// The same as [`Cursor::child`] with a result in a register. The error is in `stop`.
    fn advance(&mut self) -> NextChild {
        match self.next_child() {
            Ok(Some(name)) => NextChild::Child(name),
            Ok(None) => NextChild::End,
            Err(stop) => {
                self.stop = Some(stop);
                NextChild::Stopped
            }
        }
    }

    #[cold]
    fn stopped(&mut self) -> Stop {
        let stop = self.stop.take();
        stop.unwrap_or_else(|| Stop::new(ParseErrorKind::NotXml, "the document breaks off", self.offset()))
    }

    #[inline(always)]
    fn next_child(&mut self) -> Parsed<Option<Name>> {
        self.settle_case()?;
        loop {
            if !self.tag.empty {
                match self.tokens.markup_ahead() {
                    Some(b'/') if self.tokens.end_tag() => {
                        self.depth = self.depth.saturating_sub(1);
                        return Ok(None);
                    }
                    None | Some(b'/' | b'!' | b'?') => {}
                    Some(_) => {
                        let start = self.offset();
                        if self.tokens.start_tag() {
                            self.open(start)?;
                            return Ok(Some(self.identify()));
                        }
                    }
                }
            }
            let start = self.offset();
            match self.markup()? {
                Markup::Child => return Ok(Some(self.identify())),
                Markup::End => return Ok(None),
                Markup::Comment(_) => {}
                Markup::Text(range) | Markup::CData(range) if is_blank(self.slice(range.clone())) => {}
                Markup::Text(_) | Markup::CData(_) | Markup::Character(_) => {
                    self.warn_at(WarningCode::StrayText, "text between elements was ignored", start)?;
                }
            }
        }
    }

    /// Skips the rest of the current element, its end tag included.
    pub(crate) fn skip(&mut self) -> Parsed<()> {
        self.tag.miscased = false;
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.markup()?;
        }
        Ok(())
    }

    /// The next part of the content, of any kind.
    pub(crate) fn markup(&mut self) -> Parsed<Markup> {
        if std::mem::take(&mut self.tag.empty) {
            self.depth -= 1;
            return Ok(Markup::End);
        }
        loop {
            let start = self.offset();
            return match self.tokens.next()? {
                Token::Start { .. } => {
                    self.open(start)?;
                    Ok(Markup::Child)
                }
                Token::End => {
                    self.depth = self.depth.saturating_sub(1);
                    Ok(Markup::End)
                }
                Token::Text(range) => Ok(Markup::Text(range)),
                Token::CData(range) => Ok(Markup::CData(range)),
                Token::Comment(range) => Ok(Markup::Comment(range)),
                Token::Reference(name) => self.reference(name, start),
                Token::Ampersand(range) => {
                    self.warn_at(WarningCode::DanglingAmpersand, "an ampersand that begins no entity", start)?;
                    Ok(Markup::Text(range))
                }
                Token::Instruction => continue,
                Token::Doctype => {
                    let message = "a document type declaration that declares nothing was ignored";
                    self.warn_at(WarningCode::HarmlessDoctype, message, start)?;
                    continue;
                }
                Token::EndOfDocument if self.depth == 0 => Ok(Markup::End),
                Token::EndOfDocument => Err(Stop::new(ParseErrorKind::NotXml, "the document breaks off", start)),
            };
        }
    }

    /// Reads up to the start tag of the root element. `None` when there is no element.
    pub(crate) fn root(&mut self) -> Parsed<Option<Name>> {
        loop {
            let start = self.offset();
            match self.markup() {
                Ok(Markup::Child) => return Ok(Some(self.identify())),
                Ok(Markup::Comment(_)) => {}
                Ok(Markup::Text(range)) if is_blank(self.slice(range.clone())) => {}
                Ok(Markup::End) => return Ok(None),
                Ok(_) => self.warn_at(WarningCode::LeadingJunk, "text before the root element was ignored", start)?,
                Err(stop) => return Err(stop),
            }
        }
    }

    /// Checks what follows the root element. Content there is ignored with one warning, because the document is complete.
    pub(crate) fn trailing(&mut self) -> Parsed<()> {
        loop {
            let start = self.offset();
            match self.markup() {
                Ok(Markup::End) => return Ok(()),
                Ok(Markup::Comment(_)) => {}
                Ok(Markup::Text(range)) if is_blank(self.slice(range.clone()).trim_matches(['\0', '\u{feff}'])) => {}
                _ => return self.warn_at(WarningCode::TrailingContent, "content after the root was ignored", start),
            }
        }
    }

    /// The range of a piece of the document.
    pub(crate) fn range_of(&self, piece: &str) -> Range<usize> {
        let start = (piece.as_ptr() as usize).wrapping_sub(self.input.as_ptr() as usize);
        start..start.saturating_add(piece.len())
    }

    /// Adds a warning at the start tag read last.
    pub(crate) fn warn(&mut self, code: WarningCode, message: impl Into<Cow<'static, str>>) -> Parsed<()> {
        self.warn_at(code, message, self.tag.start)
    }

    /// Adds a warning at a byte of the document.
    pub(crate) fn warn_at(
        &mut self,
        code: WarningCode,
        message: impl Into<Cow<'static, str>>,
        offset: usize,
    ) -> Parsed<()> {
        self.notes.warn(code, message, offset)
    }

    pub(crate) fn count_break(&mut self) -> Parsed<()> {
        self.notes.count_break(self.tag.start)
    }

    pub(crate) fn count_ad(&mut self) -> Parsed<()> {
        self.notes.count_ad(self.tag.start)
    }

    pub(crate) fn count_tracker(&mut self) -> Parsed<()> {
        self.notes.count_tracker(self.tag.start)
    }

    /// Enforces the limit for the text of one element.
    pub(crate) fn bound_text(&self, length: usize) -> Parsed<()> {
        within(length, self.notes.limits().text_bytes, "more text in one element than allowed", self.tag.start)
    }

    /// Reads a piece of the document a second time, without warnings. `read` starts before the first element of the piece.
    pub(crate) fn again<T>(
        &mut self,
        piece: Range<usize>,
        read: impl FnOnce(&mut Cursor<'a>) -> Parsed<T>,
    ) -> Parsed<T> {
        let inner = Tokens::new(&self.input[..piece.end], piece.start);
        let tokens = std::mem::replace(&mut self.tokens, inner);
        let tag = std::mem::replace(&mut self.tag, Tag::new(0, "", false));
        let muted = self.notes.mute(true);
        let result = read(self);
        (self.tokens, self.tag) = (tokens, tag);
        self.notes.mute(muted);
        result
    }

    /// Reads `text`, the text of an element, as a document. Where it is a piece of this document, the offsets of warnings and
    /// errors are exact; else they are all `start`. When the text cannot be read, its warnings are removed.
    pub(crate) fn embedded<T>(
        &mut self,
        text: &Text,
        start: usize,
        read: impl FnOnce(&mut Cursor<'_>) -> Parsed<T>,
    ) -> Parsed<T> {
        let place = Some(self.range_of(text)).filter(|range| range.end <= self.input.len());
        let pinned = place.is_none().then_some(start);
        let (source, range) = match place {
            Some(range) => (Arc::clone(self.source), range),
            None => (Arc::from(text.as_str()), 0..text.len()),
        };
        let (before, count) = (self.notes.pinned(), self.notes.count());
        let tokens = Tokens::new(&source[..range.end], range.start);
        let notes = self.notes.lend(pinned);
        let mut inner = Cursor {
            input: &source,
            source: &source,
            tokens,
            tag: Tag::new(0, "", false),
            depth: 0,
            notes,
            stop: None,
        };
        let result = read(&mut inner);
        self.notes.take_back(inner.notes, before);
        result.map_err(|stop| {
            self.notes.forget_all_but(count);
            match pinned {
                Some(start) => stop.at(start),
                None => stop,
            }
        })
    }

    /// Reads another document in place of this one. All its warnings have the offset `start`.
    pub(crate) fn read_other<T>(
        &mut self,
        source: &Arc<str>,
        start: usize,
        read: impl FnOnce(&mut Cursor<'_>) -> Parsed<T>,
    ) -> Parsed<T> {
        let before = self.notes.pinned();
        let mut inner = Cursor::new(source, self.notes.lend(Some(start)));
        let result = read(&mut inner);
        self.notes.take_back(inner.into_notes(), before);
        result
    }

    /// Begins the element whose start tag was just read.
    #[inline(always)]
    fn open(&mut self, start: usize) -> Parsed<()> {
        let tag = &mut self.tokens.tag;
        let limits = self.notes.limits();
        tag.is_ordinary &=
            tag.attributes.len() <= limits.attributes_per_element && tag.rest_length() <= limits.text_bytes;
        self.tag.begin(start, tag.empty);
        if !tag.is_ordinary {
            self.tag.begin_unusual(tag.tail(self.input));
        }
        self.notes.count_element(start)?;
        self.depth += 1;
        let limit = self.notes.limits().depth.min(DEEPEST);
        within(self.depth, limit, "elements nested deeper than allowed", start)
    }

    /// Finds the standard's name of the current start tag.
    #[inline(always)]
    pub(super) fn identify(&mut self) -> Name {
        let (known, exact) = self.tokens.tag.known;
        self.tag.known = known;
        self.tag.miscased = !exact;
        if known == Name::Unknown {
            self.identify_otherwise();
        }
        self.tag.known
    }

    /// Finds the name without its prefix, because the standard's names have no prefixes.
    #[cold]
    fn identify_otherwise(&mut self) {
        let (known, exact) = Name::find(local(self.tag_name()));
        self.tag.known = known;
        self.tag.miscased = !exact;
    }

    /// Warns of a name in wrong case. Readers call this only for an element that they use: an element that is skipped or kept
    /// as unknown gets no such warning.
    #[inline(always)]
    pub(crate) fn settle_case(&mut self) -> Parsed<()> {
        if self.tag.miscased { self.complain_of_case() } else { Ok(()) }
    }

    #[cold]
    fn complain_of_case(&mut self) -> Parsed<()> {
        self.tag.miscased = false;
        let message = format!("<{}> should be <{}>", self.tag_name(), self.tag.known.as_str());
        self.warn(WarningCode::WrongCase, message)
    }

    fn reference(&mut self, name: &str, start: usize) -> Parsed<Markup> {
        if let Some(character) = entities::resolve(name) {
            return Ok(Markup::Character(character));
        }
        if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#') {
            self.warn_at(WarningCode::UnknownEntity, "an entity that XML does not define, kept as it stands", start)?;
        } else {
            self.warn_at(WarningCode::DanglingAmpersand, "an ampersand that begins no entity", start)?;
        }
        Ok(Markup::Text(start..self.offset()))
    }
}
