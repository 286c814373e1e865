//! Tables with aligned columns.

use super::styled_text::{StyledText, TextStyle};
use super::{UNLIMITED, text};

/// The text between two columns.
const GUTTER: &str = "  ";
/// The highest width of a column other than the last, so that a hostile name leaves room for the others.
const MOST_IN_COLUMN: usize = 28;
/// The lowest width of the last column. With less room its cells are printed on separate lines.
const LEAST_IN_LAST: usize = 22;
/// The largest number of lines of a cell in the last column.
const MOST_LINES: usize = 4;

/// The alignment of the cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table. The last column takes the rest of the line and is wrapped; columns without any text are left out.
///
/// No library is used, because URLs are shortened in the middle and a long last column is printed below its row.
#[derive(Debug, Clone)]
pub(crate) struct TextTable {
    headings: Vec<StyledText>,
    alignments: Vec<Align>,
    rows: Vec<Vec<StyledText>>,
}

impl TextTable {
    /// A table with these columns. Without headings there is no first line.
    pub(crate) fn new<const N: usize>(columns: [(&str, Align); N]) -> Self {
        let headings = columns.iter().map(|(heading, _)| StyledText::new(heading, TextStyle::Secondary)).collect();
        Self { headings, alignments: columns.iter().map(|(_, alignment)| *alignment).collect(), rows: Vec::new() }
    }

    /// A table with these columns and rows, which have a cell for each column.
    pub(crate) fn of<'a>(columns: impl IntoIterator<Item = (&'a str, Align)>, rows: Vec<Vec<StyledText>>) -> Self {
        let (headings, alignments) = columns
            .into_iter()
            .map(|(heading, alignment)| (StyledText::new(heading, TextStyle::Secondary), alignment))
            .unzip();
        Self { headings, alignments, rows }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [StyledText; N]) {
        debug_assert_eq!(N, self.headings.len(), "a cell for each column");
        self.rows.push(cells.into());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines with colours, none wider than `width`.
    pub(crate) fn lines(mut self, width: usize, colour: bool) -> Vec<String> {
        self.drop_empty_columns();
        let has_headings = self.headings.iter().any(|heading| !heading.is_empty());
        if has_headings {
            self.rows.insert(0, std::mem::take(&mut self.headings));
        }
        let (last, mut before) = self.widths(if width == UNLIMITED { UNLIMITED } else { MOST_IN_COLUMN });
        let last_column = LastColumn::choose(last, &before, width);
        if has_headings && last_column == LastColumn::Below {
            // The last column is printed below the rows, so it has no heading.
            self.rows
                .iter_mut()
                .take(1)
                .filter_map(|heading| heading.last_mut())
                .for_each(|last| *last = StyledText::default());
        }
        shrink(&mut before, width);
        let layout = RowLayout { before: &before, alignments: &self.alignments, last_column, width, colour };
        self.rows.iter().flat_map(|row| layout.row(row)).collect()
    }

    fn drop_empty_columns(&mut self) {
        let used: Vec<bool> = (0..self.alignments.len())
            .map(|column| self.rows.iter().any(|row| row.get(column).is_some_and(|cell| !cell.is_empty())))
            .collect();
        keep(&mut self.headings, &used);
        keep(&mut self.alignments, &used);
        self.rows.iter_mut().for_each(|row| keep(row, &used));
    }

    /// The widths of the last column and of those before it, which are at most `most` wide.
    fn widths(&self, most: usize) -> (usize, Vec<usize>) {
        let widest =
            |column| self.rows.iter().filter_map(|row| row.get(column)).map(StyledText::width).max().unwrap_or(0);
        let mut widths: Vec<usize> = (0..self.alignments.len()).map(widest).collect();
        let last = widths.pop().unwrap_or(0);
        (last, widths.into_iter().map(|width| width.min(most)).collect())
    }
}

/// The place where the cells of the last column are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastColumn {
    /// In the same line as the other cells.
    Beside,
    /// On separate lines below the other cells.
    Below,
}

impl LastColumn {
    fn choose(last: usize, before: &[usize], width: usize) -> Self {
        let left = width.saturating_sub(total_width(before));
        if left >= last.min(LEAST_IN_LAST) { Self::Beside } else { Self::Below }
    }
}

/// The total width of cells with the gutters after them.
fn total_width(widths: &[usize]) -> usize {
    widths.iter().map(|width| width + GUTTER.len()).sum()
}

/// Makes the widest column narrower until all fit.
fn shrink(widths: &mut [usize], width: usize) {
    while total_width(widths) > width + GUTTER.len() {
        match widths.iter_mut().max() {
            Some(widest) if *widest > 1 => *widest -= 1,
            _ => return,
        }
    }
}

fn keep<T>(items: &mut Vec<T>, used: &[bool]) {
    let mut used = used.iter();
    items.retain(|_| used.next().copied().unwrap_or(false));
}

/// The widths and alignments of the cells of a row.
struct RowLayout<'a> {
    /// The widths of all columns but the last.
    before: &'a [usize],
    alignments: &'a [Align],
    last_column: LastColumn,
    width: usize,
    colour: bool,
}

impl RowLayout<'_> {
    fn row(&self, row: &[StyledText]) -> Vec<String> {
        let Some((last, cells)) = row.split_last() else { return Vec::new() };
        let mut first_line = String::new();
        for ((cell, width), alignment) in cells.iter().zip(self.before).zip(self.alignments) {
            first_line.push_str(&self.cell(cell, *width, *alignment));
            first_line.push_str(GUTTER);
        }
        self.with_last(first_line, last)
    }

    fn cell(&self, cell: &StyledText, width: usize, side: Align) -> String {
        let shown = text::shorten(cell.text(), width);
        let blank = " ".repeat(width.saturating_sub(text::columns(&shown)));
        let painted = cell.style().apply(&shown, self.colour);
        match side {
            Align::Left => format!("{painted}{blank}"),
            Align::Right => format!("{blank}{painted}"),
        }
    }

    fn with_last(&self, mut first_line: String, last: &StyledText) -> Vec<String> {
        let indent = match self.last_column {
            LastColumn::Beside => total_width(self.before),
            LastColumn::Below => 2 * GUTTER.len(),
        };
        let mut parts = last.lines(self.width.saturating_sub(indent), MOST_LINES, self.colour).into_iter();
        if self.last_column == LastColumn::Beside {
            first_line.push_str(&parts.next().unwrap_or_default());
        }
        let first_line = first_line.trim_end().to_owned();
        std::iter::once(first_line).chain(parts.map(|part| format!("{}{part}", " ".repeat(indent)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> TextTable {
        let mut table = TextTable::new([
            ("name", Align::Left),
            ("tier", Align::Left),
            ("time", Align::Right),
            ("why", Align::Left),
        ]);
        let row = |name, time, reason| {
            [StyledText::plain(name), StyledText::default(), StyledText::plain(time), StyledText::plain(reason)]
        };
        table.row(row("east", "7 ms", ""));
        table.row(row("north-west", "1.20 s", "no answer within source_timeout"));
        table
    }

    #[test]
    fn the_last_column_is_wrapped_and_an_empty_one_left_out() {
        assert_eq!(
            table().lines(44, false),
            [
                "name          time  why",
                "east          7 ms",
                "north-west  1.20 s  no answer within",
                "                    source_timeout",
            ]
        );
    }

    #[test]
    fn without_room_the_last_column_is_printed_below() {
        assert_eq!(
            table().lines(40, false),
            ["name          time", "east          7 ms", "north-west  1.20 s", "    no answer within source_timeout",]
        );
    }

    #[test]
    fn with_very_little_room_the_widest_column_is_shortened() {
        assert_eq!(table().lines(14, false)[2], "nor…st  1.20 s");
    }

    #[test]
    fn colours_do_not_change_the_alignment() {
        let mut table = TextTable::new([("", Align::Left), ("", Align::Left)]);
        table.row([StyledText::new("a", TextStyle::Failure), StyledText::plain("x")]);
        table.row([StyledText::plain("long"), StyledText::plain("y")]);
        assert_eq!(table.lines(40, true), ["\u{1b}[31ma\u{1b}[0m     x", "long  y"]);
    }

    #[test]
    fn a_long_name_leaves_room_for_the_other_columns() {
        let mut table = TextTable::new([("", Align::Left), ("", Align::Left)]);
        table.row([StyledText::plain(&"x".repeat(500)), StyledText::plain("y")]);
        assert!(table.lines(60, false).iter().all(|line| line.chars().count() <= 60));
    }
}
