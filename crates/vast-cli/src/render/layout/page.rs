//! A page of text, and single headings and paragraphs.

use super::options::HumanOptions;
use super::styled_text::{StyledText, TextStyle};
use super::table::TextTable;
use super::text;

/// The indent of a label.
const MARGIN: &str = "  ";
/// The width of a label with the blanks after it.
const LABEL: usize = 11;
/// The largest number of lines of one value. The JSON has the complete value.
const MOST_LINES: usize = 4;

/// A page of text that is being written.
pub(crate) struct Page {
    options: HumanOptions,
    text: String,
}

impl Page {
    pub(crate) fn new(options: HumanOptions) -> Self {
        Self { options, text: String::new() }
    }

    /// The text of the page.
    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// Whether all details are listed and not only counted.
    pub(crate) fn is_verbose(&self) -> bool {
        self.options.verbose
    }

    /// The columns of a line.
    pub(crate) fn width(&self) -> usize {
        self.options.width
    }

    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Adds text that starts in the first column.
    pub(crate) fn line(&mut self, piece: &StyledText) {
        for line in piece.lines(self.options.width, MOST_LINES, self.options.colour) {
            self.push("", &line);
        }
    }

    /// Adds a heading and a table, unless the table is empty.
    pub(crate) fn section(&mut self, heading: &str, table: TextTable) {
        if table.is_empty() {
            return;
        }
        self.blank();
        if !heading.is_empty() {
            self.line(&StyledText::new(heading, TextStyle::Heading));
        }
        self.rows(table);
    }

    /// Adds a table that starts in the first column.
    pub(crate) fn rows(&mut self, table: TextTable) {
        for line in table.lines(self.options.width, self.options.colour) {
            self.push("", &line);
        }
    }

    /// Adds a value with a label, unless the value is empty.
    pub(crate) fn field(&mut self, label: &str, value: &str) {
        let lines = StyledText::plain(value).lines(self.room(), MOST_LINES, self.options.colour);
        self.labelled(label, &lines);
    }

    /// Adds a table with a label, unless the table is empty.
    pub(crate) fn table(&mut self, label: &str, table: TextTable) {
        if !table.is_empty() {
            let lines = table.lines(self.room(), self.options.colour);
            self.labelled(label, &lines);
        }
    }

    fn room(&self) -> usize {
        self.options.width.saturating_sub(MARGIN.len() + LABEL)
    }

    fn labelled(&mut self, label: &str, lines: &[String]) {
        for (index, line) in lines.iter().enumerate() {
            let shown = if index == 0 { label } else { "" };
            let blank = " ".repeat(LABEL.saturating_sub(shown.len()));
            let margin = format!("{MARGIN}{}{blank}", TextStyle::Secondary.apply(shown, self.options.colour));
            self.push(&margin, line);
        }
    }

    fn push(&mut self, margin: &str, line: &str) {
        self.text.push_str(margin);
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// The largest number of lines of a paragraph.
const MOST_PARAGRAPH_LINES: usize = 12;

/// The width of a heading with its rule if lines have no limit.
const MOST_RULE: usize = 100;

/// A heading, followed by a rule that fills the line.
pub(crate) fn heading(text: &str, options: HumanOptions) -> String {
    let heading = StyledText::new(text, TextStyle::Heading);
    let title = text::shorten(heading.text(), options.width.saturating_sub(6));
    let rule = "─".repeat(options.width.min(MOST_RULE).saturating_sub(text::columns(&title) + 4));
    format!("── {} {rule}", heading.style().apply(&title, options.colour))
}

/// `text` in lines that fit the width, broken between words.
pub(crate) fn paragraph(text: &str, options: HumanOptions) -> String {
    StyledText::plain(text).lines(options.width, MOST_PARAGRAPH_LINES, options.colour).join("\n")
}
