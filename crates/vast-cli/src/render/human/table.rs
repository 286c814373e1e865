//! Aligned columns.

use super::style::{Paint, Piece};
use super::text;

/// Between two columns.
const GUTTER: &str = "  ";
/// The widest a column that is not the last may be: a hostile name must not push the others off the line.
const MOST_IN_COLUMN: usize = 28;
/// The least that the last column can be read in; with less it stands on lines of its own.
const LEAST_IN_LAST: usize = 22;
/// The most lines one cell of the last column may take.
const MOST_LINES: usize = 4;

/// On which side a column's cells stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// Rows of cells. The last column takes what is left of the line and is wrapped in it; a column without any text is left
/// out.
#[derive(Debug, Clone)]
pub(super) struct Table {
    headings: Vec<Piece>,
    sides: Vec<Side>,
    rows: Vec<Vec<Piece>>,
}

impl Table {
    /// A table with these columns. Without headings there is no first line.
    pub(super) fn new<const N: usize>(columns: [(&str, Side); N]) -> Self {
        let headings = columns.iter().map(|(heading, _)| Piece::new(heading, Paint::Dim)).collect();
        Self { headings, sides: columns.iter().map(|(_, side)| *side).collect(), rows: Vec::new() }
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [Piece; N]) {
        debug_assert_eq!(N, self.headings.len(), "a cell for each column");
        self.rows.push(cells.into());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, painted, none wider than `width`.
    pub(super) fn lines(mut self, width: usize, colour: bool) -> Vec<String> {
        self.drop_empty_columns();
        let has_headings = self.headings.iter().any(|heading| !heading.is_empty());
        if has_headings {
            self.rows.insert(0, std::mem::take(&mut self.headings));
        }
        let (last, mut before) = self.widths();
        let place = Place::of_last(last, &before, width);
        if has_headings && place == Place::Below {
            // A heading above nothing.
            self.rows
                .iter_mut()
                .take(1)
                .filter_map(|heading| heading.last_mut())
                .for_each(|last| *last = Piece::default());
        }
        shrink(&mut before, width);
        let layout = Layout { before: &before, sides: &self.sides, place, width, colour };
        self.rows.iter().flat_map(|row| layout.row(row)).collect()
    }

    fn drop_empty_columns(&mut self) {
        let used: Vec<bool> = (0..self.sides.len())
            .map(|column| self.rows.iter().any(|row| row.get(column).is_some_and(|cell| !cell.is_empty())))
            .collect();
        keep(&mut self.headings, &used);
        keep(&mut self.sides, &used);
        self.rows.iter_mut().for_each(|row| keep(row, &used));
    }

    /// The widths of the last column and of those before it.
    fn widths(&self) -> (usize, Vec<usize>) {
        let widest = |column| self.rows.iter().filter_map(|row| row.get(column)).map(Piece::width).max().unwrap_or(0);
        let mut widths: Vec<usize> = (0..self.sides.len()).map(widest).collect();
        let last = widths.pop().unwrap_or(0);
        (last, widths.into_iter().map(|width| width.min(MOST_IN_COLUMN)).collect())
    }
}

/// Where the last column's cells stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Behind the others.
    Beside,
    /// On lines of their own, below the others.
    Below,
}

impl Place {
    fn of_last(last: usize, before: &[usize], width: usize) -> Self {
        let left = width.saturating_sub(taken(before));
        if left >= last.min(LEAST_IN_LAST) { Self::Beside } else { Self::Below }
    }
}

/// The columns that cells of these widths take with the gutters behind them.
fn taken(widths: &[usize]) -> usize {
    widths.iter().map(|width| width + GUTTER.len()).sum()
}

/// Takes from the widest column until all fit.
fn shrink(widths: &mut [usize], width: usize) {
    while taken(widths) > width + GUTTER.len() {
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

/// Where the cells of a row go.
struct Layout<'a> {
    /// The widths of all columns but the last.
    before: &'a [usize],
    sides: &'a [Side],
    place: Place,
    width: usize,
    colour: bool,
}

impl Layout<'_> {
    fn row(&self, row: &[Piece]) -> Vec<String> {
        let Some((last, cells)) = row.split_last() else { return Vec::new() };
        let mut first_line = String::new();
        for ((cell, width), side) in cells.iter().zip(self.before).zip(self.sides) {
            first_line.push_str(&self.cell(cell, *width, *side));
            first_line.push_str(GUTTER);
        }
        self.with_last(first_line, last)
    }

    fn cell(&self, cell: &Piece, width: usize, side: Side) -> String {
        let shown = text::shorten(cell.text(), width);
        let blank = " ".repeat(width.saturating_sub(text::width(&shown)));
        let painted = cell.paint().apply(&shown, self.colour);
        match side {
            Side::Left => format!("{painted}{blank}"),
            Side::Right => format!("{blank}{painted}"),
        }
    }

    fn with_last(&self, mut first_line: String, last: &Piece) -> Vec<String> {
        let indent = match self.place {
            Place::Beside => taken(self.before),
            Place::Below => 2 * GUTTER.len(),
        };
        let mut parts = last.lines(self.width.saturating_sub(indent), MOST_LINES, self.colour).into_iter();
        if self.place == Place::Beside {
            first_line.push_str(&parts.next().unwrap_or_default());
        }
        let first_line = first_line.trim_end().to_owned();
        std::iter::once(first_line).chain(parts.map(|part| format!("{}{part}", " ".repeat(indent)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table =
            Table::new([("name", Side::Left), ("tier", Side::Left), ("time", Side::Right), ("why", Side::Left)]);
        let row = |name, time, reason| [Piece::plain(name), Piece::default(), Piece::plain(time), Piece::plain(reason)];
        table.row(row("east", "7 ms", ""));
        table.row(row("north-west", "1.20 s", "no answer within per_source_timeout"));
        table
    }

    #[test]
    fn the_last_column_wraps_under_itself_and_an_empty_one_is_left_out() {
        assert_eq!(
            table().lines(44, false),
            [
                "name          time  why",
                "east          7 ms",
                "north-west  1.20 s  no answer within",
                "                    per_source_timeout",
            ]
        );
    }

    #[test]
    fn where_there_is_no_room_the_last_column_goes_below() {
        assert_eq!(
            table().lines(40, false),
            [
                "name          time",
                "east          7 ms",
                "north-west  1.20 s",
                "    no answer within per_source_timeout",
            ]
        );
    }

    #[test]
    fn where_there_is_hardly_any_room_the_widest_column_gives_way() {
        assert_eq!(table().lines(14, false)[2], "nor…st  1.20 s");
    }

    #[test]
    fn colours_take_no_room() {
        let mut table = Table::new([("", Side::Left), ("", Side::Left)]);
        table.row([Piece::new("a", Paint::Bad), Piece::plain("x")]);
        table.row([Piece::plain("long"), Piece::plain("y")]);
        assert_eq!(table.lines(40, true), ["\u{1b}[31ma\u{1b}[0m     x", "long  y"]);
    }

    #[test]
    fn a_hostile_name_leaves_the_others_their_place() {
        let mut table = Table::new([("", Side::Left), ("", Side::Left)]);
        table.row([Piece::plain(&"x".repeat(500)), Piece::plain("y")]);
        assert!(table.lines(60, false).iter().all(|line| line.chars().count() <= 60));
    }
}
