//! A finding with its line of the document.

use vast_check::{Finding, Severity, Span};
use vast_xml::Decoded;

use crate::render::layout::{self, Excerpt, HumanOptions, StyledText, TextStyle};

/// The largest number of lines of a sentence.
const MOST_LINES: usize = 4;

/// The largest number of columns of an excerpt.
const MOST_COLUMNS: usize = 160;

/// The document of the findings and how they are printed.
pub(super) struct FindingPrinter<'a> {
    pub(super) document: &'a Decoded<'a>,
    pub(super) origin: &'a str,
    pub(super) options: HumanOptions,
    /// The width of the largest line number.
    pub(super) digits: usize,
}

impl FindingPrinter<'_> {
    /// Prints a finding: message, position, line, section of the standard, help, an empty line.
    pub(super) fn finding(&self, finding: &Finding, page: &mut String) {
        self.title(finding, page);
        let place =
            finding.span.map_or_else(String::new, |Span { start, .. }| format!(":{}:{}", start.line, start.column));
        let arrow = format!("{}-->", " ".repeat(self.digits));
        let origin = StyledText::plain(&format!("{}{place}", self.origin));
        self.line(&arrow, &layout::shorten(origin.text(), self.options.width.saturating_sub(self.digits + 4)), page);
        let note = finding.note.as_deref();
        let is_noted = finding.span.is_some_and(|span| self.excerpt(span, finding, note, page));
        let facts = [("note", note.filter(|_| !is_noted)), ("section", Some(finding.section)), ("help", finding.help)];
        for (name, fact) in facts {
            if let Some(fact) = fact {
                self.fact(name, fact, page);
            }
        }
        page.push('\n');
    }

    fn title(&self, finding: &Finding, page: &mut String) {
        let colour = self.options.colour;
        let head = format!("{}[{}]", finding.severity, finding.rule);
        let lines = wrapped(&format!("{head}: {}", finding.message), self.options.width);
        for (index, line) in lines.iter().enumerate() {
            match line.strip_prefix(&head).filter(|_| index == 0) {
                Some(rest) => {
                    page.push_str(&style(finding.severity).apply(&head, colour));
                    page.push_str(&TextStyle::Heading.apply(rest, colour));
                }
                None => page.push_str(&TextStyle::Heading.apply(line, colour)),
            }
            page.push('\n');
        }
    }

    /// Prints the line with the mark below it. Returns true if the note was printed after the mark.
    fn excerpt(&self, span: Span, finding: &Finding, note: Option<&str>, page: &mut String) -> bool {
        let cut = self.document.cut;
        let range = span.start.offset.saturating_sub(cut)..span.end.offset.saturating_sub(cut);
        let Excerpt { line, before, mark } = Excerpt::new(&self.document.text, range, self.room());
        let number = format!("{:>digits$} |", span.start.line, digits = self.digits);
        let bar = format!("{} |", " ".repeat(self.digits));
        self.line(&bar, "", page);
        self.line(&number, &line, page);
        let carets = style(finding.severity).apply(&"^".repeat(mark), self.options.colour);
        let note = note.map(|note| StyledText::plain(note).text().to_owned());
        let note = note.filter(|note| before + mark + 1 + layout::columns(note) <= self.room());
        let behind = note.as_ref().map_or_else(String::new, |note| format!(" {note}"));
        self.line(&bar, &format!("{}{carets}{behind}", " ".repeat(before)), page);
        note.is_some()
    }

    fn fact(&self, name: &str, fact: &str, page: &mut String) {
        let indent = self.digits + 3 + name.len() + 2;
        let lines = wrapped(fact, self.options.width.saturating_sub(indent));
        for (index, line) in lines.iter().enumerate() {
            if index == 0 {
                self.line(&format!("{} =", " ".repeat(self.digits)), &format!("{name}: {line}"), page);
            } else {
                page.push_str(&format!("{}{line}\n", " ".repeat(indent)));
            }
        }
    }

    fn line(&self, margin: &str, rest: &str, page: &mut String) {
        page.push_str(&TextStyle::Secondary.apply(margin, self.options.colour));
        if !rest.is_empty() {
            page.push(' ');
            page.push_str(rest);
        }
        page.push('\n');
    }

    /// The number of columns after the margin. An excerpt is short even if lines have no limit, because the whole
    /// document may be one line.
    fn room(&self) -> usize {
        self.options.width.min(MOST_COLUMNS).saturating_sub(self.digits + 4)
    }
}

/// The style of a severity.
pub(super) fn style(severity: Severity) -> TextStyle {
    match severity {
        Severity::Error => TextStyle::Failure,
        Severity::Warning => TextStyle::Warning,
        Severity::Info => TextStyle::Secondary,
    }
}

/// Untrusted text in lines.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    layout::wrap(StyledText::plain(text).text(), width, MOST_LINES)
}
