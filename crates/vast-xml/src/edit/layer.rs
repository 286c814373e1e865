//! [`LayerText`]: VAST that is written in a document as text, in CDATA or escaped.

use super::content::SEAM;
use super::new_element::in_cdata;
use super::splice::Splice;
use crate::xml::{Token, Tokens, escape, resolve};
use memchr::memchr;
use std::ops::Range;

/// The number of characters after the ampersand of an escaped text in which a reference ends.
const LONGEST_REFERENCE: usize = 12;

/// A text that is read as a document. It is the document, or a text inside it.
#[derive(Debug)]
pub(super) struct LayerText {
    pub(super) text: String,
    /// The place in the outer text; `None` for the whole document.
    pub(super) within: Option<NestedIn>,
}

/// The place of a text inside an outer text.
#[derive(Clone, Debug)]
pub(super) struct NestedIn {
    pub(super) layer: usize,
    pub(super) range: Range<usize>,
    pub(super) form: Nesting,
}

/// The way in which a text is written inside an outer text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nesting {
    /// As the content of an element.
    Content,
    /// Escaped: with references for the characters that have a meaning in XML.
    Escaped,
}

/// A part of the outer text.
struct TextRun<'t> {
    range: Range<usize>,
    /// The inner text that this part stands for.
    means: Meaning<'t>,
    is_cdata: bool,
}

enum Meaning<'t> {
    Itself(&'t str),
    Character(char),
}

impl TextRun<'_> {
    fn len(&self) -> usize {
        match self.means {
            Meaning::Itself(text) => text.len(),
            Meaning::Character(character) => character.len_utf8(),
        }
    }

    /// Converts a place in this part of the inner text to a place in the outer text.
    fn place(&self, inside: usize) -> OuterPlace {
        let offset = match self.means {
            Meaning::Itself(_) => self.range.start + inside,
            Meaning::Character(_) if inside == 0 => self.range.start,
            Meaning::Character(_) => self.range.end,
        };
        OuterPlace { offset, is_cdata: self.is_cdata }
    }
}

/// A place in the outer text.
#[derive(Clone, Copy)]
struct OuterPlace {
    offset: usize,
    is_cdata: bool,
}

impl LayerText {
    /// Reads the inner text. `None` if it contains elements or is damaged.
    pub(super) fn inside(outer: &str, within: NestedIn) -> Option<LayerText> {
        let mut text = String::with_capacity(within.range.len());
        let is_text = pieces(outer, &within, |piece| match piece.means {
            Meaning::Itself(part) => text.push_str(part),
            Meaning::Character(character) => text.push(character),
        });
        is_text.then_some(LayerText { text, within: Some(within) })
    }

    /// Converts changes of this text to changes of the outer text. The changes must be in order.
    pub(super) fn translated(&self, outer: &str, within: &NestedIn, splices: &[Splice]) -> Vec<Splice> {
        let spots = self.spots(outer, within, splices);
        let pairs = splices.iter().zip(spots.chunks_exact(2));
        pairs.map(|(splice, spots)| self.outside(splice, spots[0], spots[1])).collect()
    }

    /// The start and the end of each change, as places in the outer text.
    fn spots(&self, outer: &str, within: &NestedIn, splices: &[Splice]) -> Vec<OuterPlace> {
        // The start of a change belongs to the character after it. The end, and an insertion, belong to the character before it.
        let ends = |splice: &Splice| [(splice.range.start, !splice.range.is_empty()), (splice.range.end, false)];
        let mut wanted = splices.iter().flat_map(ends).peekable();
        let mut spots = Vec::with_capacity(splices.len() * 2);
        let mut at = 0;
        pieces(outer, within, |piece| {
            let end = at + piece.len();
            while let Some(&(place, is_behind)) = wanted.peek() {
                let is_here = if is_behind { place < end } else { place <= end };
                if !is_here {
                    break;
                }
                spots.push(piece.place(place - at));
                wanted.next();
            }
            at = end;
        });
        spots
    }

    /// Converts one change of this text to a change of the outer text between `start` and `end`.
    fn outside(&self, splice: &Splice, start: OuterPlace, end: OuterPlace) -> Splice {
        let text = if start.is_cdata { self.as_cdata(splice) } else { escape(&splice.text) };
        let seam = match (start.is_cdata, end.is_cdata) {
            (true, false) => "]]>",
            (false, true) => "<![CDATA[",
            _ => "",
        };
        Splice { range: start.offset..end.offset, text: text + seam }
    }

    /// The inserted text in the form for a CDATA section. The inserted text together with the text around it must not
    /// contain `]]>`.
    fn as_cdata(&self, splice: &Splice) -> String {
        let before = self.text[..splice.range.start].bytes().rev().take_while(|byte| *byte == b']').count();
        let behind = &self.text[splice.range.end..];
        let is_ended = |text: &str, before: usize| match text.trim_start_matches(']') {
            rest if rest.starts_with('>') => before.min(2) + (text.len() - rest.len()) >= 2,
            _ => false,
        };
        let text = in_cdata(&splice.text);
        if text.is_empty() {
            let is_new = is_ended(behind, before) && !splice.range.is_empty();
            return if is_new { SEAM.to_owned() } else { String::new() };
        }
        let last = text.bytes().rev().take_while(|byte| *byte == b']').count();
        let last = if last == text.len() { before + last } else { last };
        let head = if before > 0 && is_ended(&text, before) { SEAM } else { "" };
        let tail = if last > 0 && is_ended(behind, last) { SEAM } else { "" };
        [head, &text, tail].concat()
    }
}

/// Calls `give` with the parts of the outer text, in order. Returns false if the text contains elements or is damaged.
fn pieces<'t>(outer: &'t str, within: &NestedIn, give: impl FnMut(TextRun<'t>)) -> bool {
    match within.form {
        Nesting::Content => content_pieces(outer, within.range.clone(), give),
        Nesting::Escaped => {
            escaped_pieces(outer, within.range.clone(), give);
            true
        }
    }
}

fn content_pieces<'t>(outer: &'t str, range: Range<usize>, mut give: impl FnMut(TextRun<'t>)) -> bool {
    let mut tokens = Tokens::new(&outer[..range.end], range.start);
    loop {
        let start = tokens.offset();
        let plain =
            |range: Range<usize>, is_cdata| TextRun { means: Meaning::Itself(&outer[range.clone()]), range, is_cdata };
        match tokens.next() {
            Ok(Token::Text(range) | Token::Ampersand(range)) => give(plain(range, false)),
            Ok(Token::CData(range)) => give(plain(range, true)),
            Ok(Token::Reference(name)) => {
                let range = start..tokens.offset();
                give(match resolve(name) {
                    Some(character) => TextRun { range, means: Meaning::Character(character), is_cdata: false },
                    None => plain(range, false),
                });
            }
            Ok(Token::Comment(_) | Token::Instruction | Token::Doctype) => {}
            Ok(Token::EndOfDocument) => return true,
            Ok(Token::Start { .. } | Token::End) | Err(_) => return false,
        }
    }
}

/// Calls `give` with the parts of an escaped text, as [`unescape`](crate::xml::unescape) reads it.
fn escaped_pieces<'t>(outer: &'t str, range: Range<usize>, mut give: impl FnMut(TextRun<'t>)) {
    let text = &outer[..range.end];
    let mut at = range.start;
    while at < text.len() {
        if let Some((character, length)) = reference(&text[at..]) {
            give(TextRun { range: at..at + length, means: Meaning::Character(character), is_cdata: false });
            at += length;
            continue;
        }
        // An ampersand that begins no reference is an ordinary character.
        let end = memchr(b'&', &text.as_bytes()[at + 1..]).map_or(text.len(), |next| at + 1 + next);
        give(TextRun { range: at..end, means: Meaning::Itself(&text[at..end]), is_cdata: false });
        at = end;
    }
}

/// The character of the reference at the beginning of the text, and the length of the reference.
fn reference(text: &str) -> Option<(char, usize)> {
    let behind = text.strip_prefix('&')?;
    let end = behind.bytes().take(LONGEST_REFERENCE).position(|byte| byte == b';')?;
    Some((resolve(&behind[..end])?, end + "&;".len()))
}
