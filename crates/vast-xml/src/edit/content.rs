//! Reads and replaces the text of an element.

use super::new_element::{cdata, in_cdata};
use super::splice::Splice;
use crate::xml::{Token, Tokens, escape, resolve, trim};
use std::ops::Range;

/// The text in a range of a document. Blanks at its ends and the text of child elements are removed.
pub(super) fn text(source: &str, content: Range<usize>) -> String {
    let mut tokens = Tokens::new(&source[..content.end], content.start);
    let (mut text, mut depth) = (String::new(), 0_usize);
    loop {
        let start = tokens.offset();
        match tokens.next() {
            Ok(Token::Start { empty, .. }) => depth += usize::from(!empty),
            Ok(Token::End) => depth = depth.saturating_sub(1),
            Ok(_) if depth > 0 && tokens.offset() > start => {}
            Ok(Token::Text(range) | Token::Ampersand(range) | Token::CData(range)) => text.push_str(&source[range]),
            Ok(Token::Reference(name)) => match resolve(name) {
                Some(character) => text.push(character),
                None => text.push_str(&source[start..tokens.offset()]),
            },
            Ok(Token::Comment(_) | Token::Instruction | Token::Doctype) => {}
            Ok(Token::EndOfDocument) | Err(_) => return trim(&text).to_owned(),
        }
    }
}

/// The place where one CDATA section ends and the next begins, with nothing between them.
pub(super) const SEAM: &str = "]]><![CDATA[";

/// The way in which the text of an element is written.
enum Standing {
    /// Only blanks.
    Blank,
    /// Without CDATA.
    Plain,
    /// In one CDATA section, or in several with nothing between them, and with only blanks around them. The range
    /// begins after the first marker and ends before the last one.
    Section(Range<usize>),
    /// In any other way.
    Mixed,
}

/// The change that replaces the text of an element. The new text is in CDATA if the old text was. Blanks around the
/// text stay.
pub(super) fn change(source: &str, content: Range<usize>, text: &str) -> Splice {
    let visible = trimmed(source, content.clone());
    match standing(source, content.clone()) {
        Standing::Section(inside) if !text.contains('\r') => {
            Splice { range: trimmed(source, inside), text: in_cdata(text) }
        }
        Standing::Plain => Splice { range: visible, text: escape(text) },
        Standing::Blank => Splice { range: content.start..content.start, text: cdata(text) },
        Standing::Section(_) | Standing::Mixed => Splice { range: visible, text: cdata(text) },
    }
}

fn standing(source: &str, content: Range<usize>) -> Standing {
    let mut tokens = Tokens::new(&source[..content.end], content.start);
    let mut standing = Standing::Blank;
    loop {
        standing = match (tokens.next(), standing) {
            (Ok(Token::EndOfDocument) | Err(_), standing) => return standing,
            (Ok(Token::Text(range)), standing) if trim(&source[range.clone()]).is_empty() => standing,
            (Ok(Token::CData(range)), Standing::Blank) => Standing::Section(range),
            (Ok(Token::CData(range)), Standing::Section(before)) if range.start == before.end + SEAM.len() => {
                Standing::Section(before.start..range.end)
            }
            (Ok(Token::Text(_) | Token::Ampersand(_) | Token::Reference(_)), Standing::Blank | Standing::Plain) => {
                Standing::Plain
            }
            _ => Standing::Mixed,
        };
    }
}

/// The range without the blanks at its ends. If it has only blanks, the result is an empty range at its start.
fn trimmed(source: &str, range: Range<usize>) -> Range<usize> {
    let text = &source[range.clone()];
    let start = range.end - text.trim_start().len();
    let length = trim(text).len();
    if length == 0 { range.start..range.start } else { start..start + length }
}
