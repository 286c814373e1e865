//! [`source_tokens`]: the markup of a text with its byte ranges, for tools that show positions.

use crate::xml::{Scanned, Scanner, Token, Tokens, decoded, resolve};
use std::borrow::Cow;
use std::ops::Range;

/// One part of the markup. Ranges are byte ranges of the text.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SourceToken<'t> {
    /// A start tag, or an empty-element tag.
    Start(SourceTag<'t>),
    /// An end tag with its name as written. It may belong to an outer element or to none.
    End(&'t str),
    /// Text without references: the text between references, or the content of a CDATA section.
    Text(Range<usize>),
    /// A reference such as `&amp;`, and its character; `None` if XML does not define the reference.
    Reference(Range<usize>, Option<char>),
}

/// A start tag.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SourceTag<'t> {
    /// The name as written, with its prefix.
    pub name: &'t str,
    /// The whole tag with `<` and `>`.
    pub range: Range<usize>,
    /// Whether the tag is an empty-element tag, which has no end tag.
    pub is_empty: bool,
    /// The text of the tag after the name.
    rest: &'t str,
    /// The offset at which `rest` ends.
    rest_end: usize,
}

/// An attribute of a start tag.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceAttribute<'t> {
    /// The name as written, with its prefix.
    pub name: &'t str,
    /// The value with its references decoded, as the reader reads it.
    pub value: Cow<'t, str>,
    /// The range of the name, the value and the quotes.
    pub range: Range<usize>,
}

impl<'t> SourceTag<'t> {
    /// The attributes up to the first one that cannot be read. Like [`parse`](crate::parse()), it also reads values in
    /// quotes that XML does not allow.
    pub fn attributes(&self) -> impl Iterator<Item = SourceAttribute<'t>> + use<'t> {
        let mut scanner = Scanner::new(self.rest);
        let (start, end) = (self.rest_end - self.rest.len(), self.rest_end);
        let rest = self.rest;
        std::iter::from_fn(move || {
            loop {
                let (name, raw) = match scanner.next() {
                    Scanned::Attribute { name, raw } | Scanned::Loose { name, raw } => (name, raw),
                    Scanned::Bare(_) => continue,
                    Scanned::Bad(_) | Scanned::End => return None,
                };
                let name_start = start + (name.as_ptr() as usize - rest.as_ptr() as usize);
                let range = name_start..end - scanner.remaining();
                return Some(SourceAttribute { name, value: decoded(raw), range });
            }
        })
    }
}

/// The markup of a text in order, read in the same way as by [`parse`](crate::parse()), with two differences: an end
/// tag without an open element does not stop it, and there are no limits. It stops at any other damage, and at a
/// document type declaration that `parse` refuses.
///
/// ```
/// use vast_xml::{SourceToken, source_tokens};
///
/// let text = "<Ad id='1'>a&amp;b</Ad>";
/// let tokens: Vec<SourceToken> = source_tokens(text).collect();
/// let [SourceToken::Start(tag), SourceToken::Text(_), SourceToken::Reference(range, Some('&')), ..] = &tokens[..] else { panic!() };
/// assert_eq!((tag.name, &text[range.clone()]), ("Ad", "&amp;"));
/// let id = tag.attributes().next().expect("an attribute");
/// assert_eq!((&*id.value, &text[id.range]), ("1", "id='1'"));
/// ```
pub fn source_tokens(text: &str) -> impl Iterator<Item = SourceToken<'_>> {
    let mut tokens = Tokens::new(text, 0);
    std::iter::from_fn(move || {
        loop {
            let start = tokens.offset();
            let token = tokens.next();
            let range = start..tokens.offset();
            return Some(match token {
                Ok(Token::Start { name, rest, empty }) => {
                    let rest_end = range.end - if empty { "/>".len() } else { ">".len() };
                    SourceToken::Start(SourceTag { name, range, is_empty: empty, rest, rest_end })
                }
                Ok(Token::End) => SourceToken::End(end_name(&text[range])?),
                Ok(Token::Text(range) | Token::Ampersand(range) | Token::CData(range)) => SourceToken::Text(range),
                Ok(Token::Reference(name)) => SourceToken::Reference(range, resolve(name)),
                Ok(Token::Comment(_) | Token::Instruction | Token::Doctype) => continue,
                Ok(Token::EndOfDocument) => return None,
                // An end tag without an open element.
                Err(_) => SourceToken::End(end_name(&text[range])?),
            });
        }
    })
}

/// The name in an end tag.
fn end_name(tag: &str) -> Option<&str> {
    Some(tag.strip_prefix("</")?.strip_suffix('>')?.trim_end())
}
