//! One line of a document with a mark below it.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use crate::sanitize::sanitize;

/// The text that replaces omitted parts of a line.
const CUT: &str = "...";
/// The text that replaces a tab.
const TAB: &str = "    ";

/// One line of a document, or the part of it that fits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The line without control characters.
    pub(crate) line: String,
    /// The columns before the mark.
    pub(crate) before: usize,
    /// The columns of the mark, at least one.
    pub(crate) mark: usize,
}

impl Excerpt {
    /// The line around `range` of `document` in at most `room` columns. A mark of several lines ends with the first.
    pub(crate) fn new(document: &str, range: Range<usize>, room: usize) -> Self {
        let start = floor(document, range.start);
        let end = floor(document, range.end).max(start);
        // Read only the part that can fit, because the whole document may be one line.
        let ahead = ceil(document, end.min(start + room * 4));
        let marked = document[start..ahead].split('\n').next().unwrap_or_default();
        let behind = &document[start + marked.len()..];
        let mark = Cells::of(marked.trim_end_matches('\r').chars(), room);
        let before = Cells::of(document[..start].chars().rev().take_while(|char| *char != '\n'), room);
        let after = Cells::of(behind.chars().take_while(|char| !matches!(char, '\n' | '\r')), room);
        joined(before, mark, after, room)
    }
}

fn joined(before: Cells, mark: Cells, after: Cells, room: usize) -> Excerpt {
    let spare = room.saturating_sub(mark.width());
    let for_before = (spare / 2).max(spare.saturating_sub(after.width()));
    let before = before.cut(for_before);
    let after = after.cut(spare.saturating_sub(before.width()));
    let columns = before.width();
    let mark_width = mark.width().max(1);
    let start: String = before.0.into_iter().rev().map(|cell| cell.shown).collect();
    let rest = mark.0.into_iter().chain(after.0).map(|cell| cell.shown);
    let line: String = std::iter::once(start).chain(rest).collect();
    Excerpt { line: line.trim_end().to_owned(), before: columns, mark: mark_width }
}

/// A character as it is printed.
struct Cell {
    shown: String,
    width: usize,
}

/// Characters as they are printed, in the order of their distance from the mark.
struct Cells(Vec<Cell>);

impl Cells {
    /// The characters that fill `room` columns, and the next character if there is one.
    fn of(chars: impl Iterator<Item = char>, room: usize) -> Self {
        let mut used = 0;
        let mut cells = Vec::new();
        for cell in chars.map(cell) {
            used += cell.width;
            cells.push(cell);
            if used > room {
                break;
            }
        }
        Self(cells)
    }

    fn width(&self) -> usize {
        self.0.iter().map(|cell| cell.width).sum()
    }

    /// The nearest characters in at most `room` columns. Dots at the end replace omitted characters.
    fn cut(mut self, room: usize) -> Self {
        if self.width() <= room {
            return self;
        }
        while self.width() + CUT.len() > room && !self.0.is_empty() {
            self.0.pop();
        }
        if room >= CUT.len() {
            self.0.push(Cell { shown: CUT.to_owned(), width: CUT.len() });
        }
        self
    }
}

fn cell(char: char) -> Cell {
    let shown = if char == '\t' { TAB.to_owned() } else { sanitize(char.encode_utf8(&mut [0; 4])) };
    let width = if shown.chars().count() == 1 { char.width().unwrap_or(0) } else { shown.len() };
    Cell { shown, width }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line, and the mark below it.
    fn shown(document: &str, marked: &str, room: usize) -> [String; 2] {
        let start = document.find(marked).expect("it is there");
        let Excerpt { line, before, mark } = Excerpt::new(document, start..start + marked.len(), room);
        [line, format!("{}{}", " ".repeat(before), "^".repeat(mark))]
    }

    #[test]
    fn the_mark_is_below_the_range() {
        let cases = [
            ("<a>\n<b c=\"1\"/>\r\n<d/>", "c=\"1\"", "<b c=\"1\"/>", "   ^^^^^"),
            ("\t<b/>", "<b/>", "    <b/>", "    ^^^^"),
            ("<a>広告</b>", "</b>", "<a>広告</b>", "       ^^^^"),
            ("<a>\u{1b}[2J</b>", "</b>", "<a>\\u{1b}[2J</b>", "            ^^^^"),
            ("e\u{301}<b>", "<b>", "e\u{301}<b>", " ^^^"),
            ("<a\n b=''>", "<a\n b=''>", "<a", "^^"),
            ("<a>\n", "\n", "<a>", "   ^"),
        ];
        for (document, marked, line, mark) in cases {
            assert_eq!(shown(document, marked, 80), [line, mark], "{document:?}");
        }
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let long = format!("<{}><here>{}", "a".repeat(1_000), "z".repeat(1_000));
        assert_eq!(shown(&long, "<here>", 30), ["...aaaaaaaa><here>zzzzzzzzz...", "            ^^^^^^"]);
        assert_eq!(shown(&long, "<aaa", 20), ["<aaaaaaaaaaaaaaaa...", "^^^^"]);
        let end = format!("{}<end>", "b".repeat(50));
        assert_eq!(shown(&end, "<end>", 20), ["...bbbbbbbbbbbb<end>", "               ^^^^^"]);
    }

    #[test]
    fn a_long_mark_is_cut() {
        let Excerpt { line, mark, .. } = Excerpt::new(&"m".repeat(5_000_000), 10..4_000_000, 20);
        assert!(line.len() <= 21 && mark <= 21, "{line} {mark}");
    }

    #[test]
    fn ranges_outside_the_document_are_harmless() {
        for range in [9..99, 1..1, 0..1] {
            assert_eq!(Excerpt::new("é", range, 10).mark, 1);
        }
    }
}
