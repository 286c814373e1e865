//! The times and the fields of lines of the log as text. They have the form that `tracing-subscriber` gives them, in two thirds of its
//! instructions. The library writes the rare kinds of fields. Names, plain texts and numbers, which every line has, are written here.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing_subscriber::field::{RecordFields, VisitOutput as _};
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultVisitor, Writer};
use tracing_subscriber::fmt::time::FormatTime;

use super::line_time;

/// The time of a line.
pub(super) struct LineTimer;

impl FormatTime for LineTimer {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        line_time::with_text(|text| writer.write_str(text))
    }
}

/// Writes the fields of an event or a span.
pub(super) struct TextFields;

impl<'w> FormatFields<'w> for TextFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut line = LineFields { writer, is_empty: true, result: Ok(()) };
        fields.record(&mut line);
        line.result
    }
}

/// Fields that are being written.
struct LineFields<'w> {
    writer: Writer<'w>,
    is_empty: bool,
    result: fmt::Result,
}

impl LineFields<'_> {
    /// Writes the name of a field. Writes nothing and returns `false` if the library has special rules for this name.
    fn begin(&mut self, field: &Field) -> bool {
        let name = field.name();
        if name == "message" || name.starts_with("r#") || self.result.is_err() {
            return false;
        }
        let space = if std::mem::take(&mut self.is_empty) { Ok(()) } else { self.writer.write_str(" ") };
        self.result = space.and_then(|()| self.writer.write_str(name)).and_then(|()| self.writer.write_str("="));
        true
    }

    fn add(&mut self, text: &str) {
        self.result = self.result.and_then(|()| self.writer.write_str(text));
    }

    /// Lets the library write a field.
    fn leave(&mut self, record: impl FnOnce(&mut DefaultVisitor<'_>)) {
        if self.result.is_ok() {
            let is_first = std::mem::take(&mut self.is_empty);
            let mut visitor = DefaultVisitor::new(self.writer.by_ref(), is_first);
            record(&mut visitor);
            self.result = visitor.finish();
        }
    }
}

/// Whether a text needs no escapes when it stands in quotes: it is printable ASCII without quotes and backslashes.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

impl Visit for LineFields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if is_plain(value) && self.begin(field) {
            ["\"", value, "\""].into_iter().for_each(|part| self.add(part));
        } else {
            self.leave(|visitor| visitor.record_str(field, value));
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if self.begin(field) {
            self.result = self.result.and_then(|()| write!(self.writer, "{value}"));
        } else {
            self.leave(|visitor| visitor.record_u64(field, value));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.leave(|visitor| visitor.record_error(field, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.leave(|visitor| visitor.record_debug(field, value));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::fmt;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::log::written_lines::{LINES, WrittenLines, emit_all};

    #[test]
    fn lines_are_those_of_the_library() {
        let (own, library) = (WrittenLines::default(), WrittenLines::default());
        let (to_own, to_library) = (own.clone(), library.clone());
        let lines = fmt::layer().with_ansi(false).with_timer(LineTimer).fmt_fields(TextFields);
        let registry = tracing_subscriber::registry()
            .with(lines.with_writer(move || to_own.clone()))
            .with(fmt::layer().with_ansi(false).with_writer(move || to_library.clone()));
        tracing::subscriber::with_default(registry, emit_all);
        let without_time = |lines: &WrittenLines| -> Vec<String> {
            let lines = lines.text();
            let lines = lines.split_terminator('\n').map(|line| line.split_at_checked(27).unwrap_or((line, "")));
            lines.inspect(|(time, _)| assert!(time.ends_with('Z'), "{time}")).map(|(_, rest)| rest.to_owned()).collect()
        };
        let lines = without_time(&own);
        assert_eq!(lines.len(), LINES);
        assert_eq!(lines, without_time(&library));
    }
}
