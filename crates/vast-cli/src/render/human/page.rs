//! The page: what is written, line by line.

use super::style::{Paint, Piece};
use super::table::Table;
use super::view::View;

/// Before a label.
const MARGIN: &str = "  ";
/// A label and the blanks behind it.
const LABEL: usize = 11;
/// The most lines a value may take: what is longer is of no use to the eye.
const MOST_LINES: usize = 4;

/// A page being written.
pub(super) struct Page {
    view: View,
    text: String,
}

impl Page {
    pub(super) fn new(view: View) -> Self {
        Self { view, text: String::new() }
    }

    /// The whole page, a line end at its end.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Whether everything is listed.
    pub(super) fn is_verbose(&self) -> bool {
        self.view.verbose
    }

    /// The columns of a line.
    pub(super) fn width(&self) -> usize {
        self.view.width
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Text from the first column on.
    pub(super) fn line(&mut self, piece: &Piece) {
        for line in piece.lines(self.view.width, MOST_LINES, self.view.colour) {
            self.push("", &line);
        }
    }

    /// A heading and the table below it, when there is something in it.
    pub(super) fn section(&mut self, heading: &str, table: Table) {
        if table.is_empty() {
            return;
        }
        self.blank();
        if !heading.is_empty() {
            self.line(&Piece::new(heading, Paint::Strong));
        }
        self.rows(table);
    }

    /// A table from the first column on.
    pub(super) fn rows(&mut self, table: Table) {
        for line in table.lines(self.view.width, self.view.colour) {
            self.push("", &line);
        }
    }

    /// A labelled value, when there is one.
    pub(super) fn field(&mut self, label: &str, value: &str) {
        let lines = Piece::plain(value).lines(self.room(), MOST_LINES, self.view.colour);
        self.labelled(label, &lines);
    }

    /// A labelled table, when there is something in it.
    pub(super) fn table(&mut self, label: &str, table: Table) {
        if !table.is_empty() {
            let lines = table.lines(self.room(), self.view.colour);
            self.labelled(label, &lines);
        }
    }

    fn room(&self) -> usize {
        self.view.width.saturating_sub(MARGIN.len() + LABEL)
    }

    fn labelled(&mut self, label: &str, lines: &[String]) {
        for (index, line) in lines.iter().enumerate() {
            let shown = if index == 0 { label } else { "" };
            let blank = " ".repeat(LABEL.saturating_sub(shown.len()));
            let margin = format!("{MARGIN}{}{blank}", Paint::Dim.apply(shown, self.view.colour));
            self.push(&margin, line);
        }
    }

    fn push(&mut self, margin: &str, line: &str) {
        self.text.push_str(margin);
        self.text.push_str(line);
        self.text.push('\n');
    }
}
