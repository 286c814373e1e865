//! Positions in a document.

use std::fmt;

/// A position in the document that was read.
///
/// For a document in another encoding than UTF-8, all three numbers refer to the text after its conversion to UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The number of bytes before the position, including a byte order mark.
    pub offset: usize,
    /// The line, from 1. Lines end with a line feed.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Default for Position {
    /// The position of the first character.
    fn default() -> Position {
        Position { offset: 0, line: 1, column: 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

/// Converts byte offsets to positions. It walks through the text only once for any number of offsets in ascending
/// order.
///
/// If an offset is smaller than the one before, the walk begins again at the start of the text.
///
/// ```
/// let mut locator = vast_xml::Locator::new("ab\ncd", 0);
/// assert_eq!(locator.locate(4).to_string(), "line 2, column 2");
/// ```
pub struct Locator<'a> {
    text: &'a str,
    /// The number of bytes in the input before `text`: the length of a byte order mark.
    before: usize,
    at: Position,
}

impl<'a> Locator<'a> {
    /// A locator for `text`, which begins `before` bytes after the start of the input
    /// ([`Decoded::cut`](crate::Decoded::cut)).
    pub fn new(text: &'a str, before: usize) -> Locator<'a> {
        Locator { text, before, at: Position::default() }
    }

    /// The position of a byte offset in the text. For an offset inside a character, it is the position of this
    /// character; for an offset after the end, it is the end.
    pub fn locate(&mut self, offset: usize) -> Position {
        if offset < self.at.offset {
            self.at = Position::default();
        }
        self.advance(offset);
        Position { offset: self.at.offset + self.before, ..self.at }
    }

    fn advance(&mut self, offset: usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let passed = self.text.get(self.at.offset..end).unwrap_or_default();
        match passed.rfind('\n') {
            Some(last) => {
                self.at.line += count(memchr::memchr_iter(b'\n', passed.as_bytes()));
                self.at.column = 1 + count(passed[last + 1..].chars());
            }
            None => self.at.column += count(passed.chars()),
        }
        self.at.offset = end.max(self.at.offset);
    }
}

fn count(items: impl Iterator) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
