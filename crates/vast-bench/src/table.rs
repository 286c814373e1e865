//! A measurement as a Markdown table.

use std::fmt;

/// A table with a title and a note that explains it.
#[derive(Debug)]
pub(crate) struct Table {
    title: &'static str,
    note: String,
    columns: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(title: &'static str, note: impl Into<String>, columns: &'static [&'static str]) -> Self {
        Self { title, note: note.into(), columns, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { title, note, columns, rows } = self;
        writeln!(formatter, "### {title}\n\n{note}\n")?;
        writeln!(formatter, "| {} |", columns.join(" | "))?;
        writeln!(formatter, "|{}", "---|".repeat(columns.len()))?;
        rows.iter().try_for_each(|row| writeln!(formatter, "| {} |", row.join(" | ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_markdown() {
        let mut table = Table::new("Speed", "Less is better.", &["what", "us"]);
        table.row(["ours".to_owned(), "3".to_owned()]);
        assert_eq!(table.to_string(), "### Speed\n\nLess is better.\n\n| what | us |\n|---|---|\n| ours | 3 |\n");
    }
}
