//! Lines of the log as JSON. They have the form that `tracing-subscriber` gives them, in a tenth of its instructions: it checks and
//! copies each part of a line on its own, and a gateway writes a line for each answer.

use std::cell::Cell;
use std::fmt::{self, Write as _};

use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::line_time;

/// The most memory that is kept for the next line, in bytes. Most lines are shorter.
const KEPT_ROOM: usize = 4 << 10;

thread_local! {
    /// The memory of the last line. A line that is written while another one is has memory of its own.
    static ROOM: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Writes an event as an object: time, level, the fields of the event, target, and the spans around it.
pub(super) struct JsonLines;

impl<S: Subscriber + for<'s> LookupSpan<'s>> FormatEvent<S, JsonFields> for JsonLines {
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = ObjectWriter(ROOM.take());
        line.time();
        line.text("level", event.metadata().level().as_str());
        event.record(&mut line);
        line.text("target", event.metadata().target());
        let spans = context.event_scope().into_iter().flat_map(|scope| scope.from_root());
        let spans: Vec<Vec<u8>> = spans.map(|span| object_of(&span)).collect();
        if let Some(innermost) = spans.last() {
            line.raw_entry("span", innermost);
            line.raw_entry("spans", &[b"[", &*spans.join(&b','), b"]"].concat());
        }
        let mut line = line.end();
        line.push(b'\n');
        let written = std::str::from_utf8(&line).map_err(|_| fmt::Error).and_then(|line| writer.write_str(line));
        line.clear();
        line.shrink_to(KEPT_ROOM);
        ROOM.set(line);
        written
    }
}

/// The JSON object of a span: first its fields, then its name.
fn object_of<S: for<'s> LookupSpan<'s>>(span: &SpanRef<'_, S>) -> Vec<u8> {
    let extensions = span.extensions();
    let fields = extensions.get::<FormattedFields<JsonFields>>().and_then(|fields| fields.strip_suffix('}'));
    // The fields are an object, which is not closed yet.
    let mut object =
        ObjectWriter(fields.filter(|fields| fields.len() > 1).map_or_else(Vec::new, |fields| fields.into()));
    object.text("name", span.name());
    object.end()
}

/// An object that is being written.
struct ObjectWriter(Vec<u8>);

impl ObjectWriter {
    fn name(&mut self, name: &str) {
        self.0.extend_from_slice(if self.0.is_empty() { b"{\"" } else { b",\"" });
        escape(&mut self.0, name);
        self.0.extend_from_slice(b"\":");
    }

    fn time(&mut self) {
        self.name("timestamp");
        self.0.push(b'"');
        line_time::with_text(|time| self.0.extend_from_slice(time.as_bytes()));
        self.0.push(b'"');
    }

    fn entry(&mut self, name: &str, value: &impl Serialize) {
        self.name(name);
        // Writing plain data into memory cannot fail.
        let _ = serde_json::to_writer(&mut self.0, value);
    }

    fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.0.push(b'"');
        escape(&mut self.0, value);
        self.0.push(b'"');
    }

    /// An entry whose value is JSON already.
    fn raw_entry(&mut self, name: &str, json: &[u8]) {
        self.name(name);
        self.0.extend_from_slice(json);
    }

    fn end(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}

/// Whether the byte may not stand in a string of JSON as it is.
fn is_special(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// Whether one of the eight bytes of a word is special. All bytes are compared at once: a byte that is below `least` has its highest bit set
/// after the subtraction. A byte above a special one may be taken for special too, but a special one is never missed.
fn has_special(word: u64) -> bool {
    let all = |byte: u8| u64::from_ne_bytes([byte; 8]);
    let below = |word: u64, least: u8| word.wrapping_sub(all(least)) & !word;
    let special = below(word, b' ') | below(word ^ all(b'"'), 1) | below(word ^ all(b'\\'), 1);
    special & all(0x80) != 0
}

/// Whether a text has special bytes. Most texts of a line are short: their bytes are looked at in one word or two, which may overlap.
fn needs_escapes(text: &[u8]) -> bool {
    if let Some(last) = text.last_chunk() {
        let (words, _) = text.as_chunks();
        let is_special = |word: &[u8; 8]| has_special(u64::from_ne_bytes(*word));
        return words.iter().any(is_special) || is_special(last);
    }
    match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => {
            let [first, last] = [first, last].map(|half| u64::from(u32::from_ne_bytes(*half)));
            has_special(first << u32::BITS | last)
        }
        _ => text.iter().any(|byte| is_special(*byte)),
    }
}

/// Appends text with the special characters escaped. Most texts have none.
fn escape(out: &mut Vec<u8>, text: &str) {
    if !needs_escapes(text.as_bytes()) {
        return out.extend_from_slice(text.as_bytes());
    }
    for byte in text.bytes() {
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0c => b'f',
            byte if is_special(byte) => {
                let digit = |digit: u8| if digit < 10 { b'0' + digit } else { b'a' + digit - 10 };
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 0xf)]);
                continue;
            }
            byte => {
                out.push(byte);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', short]);
    }
}

/// Appends what is written to it, escaped.
struct Escaped<'a>(&'a mut Vec<u8>);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escape(self.0, text);
        Ok(())
    }
}

impl Visit for ObjectWriter {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.entry(field.name(), &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.entry(field.name(), &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.entry(field.name(), &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.entry(field.name(), &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.name(field.name());
        self.0.push(b'"');
        // Writing into memory fails only if the value itself fails, and then it has no more text.
        let _ = write!(Escaped(&mut self.0), "{value:?}");
        self.0.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use tracing_subscriber::fmt;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::log::written_lines::{LINES, WrittenLines, emit_all};

    /// Each line without its time.
    fn without_times(lines: &WrittenLines) -> Vec<Value> {
        let text = lines.text();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")));
        let without_time = |mut line: Value| {
            let time = line.as_object_mut().and_then(|line| line.remove("timestamp")).unwrap_or_default();
            assert!(time.as_str().is_some_and(|time| time.len() == 27 && time.ends_with('Z')), "{time}");
            line
        };
        lines.map(without_time).collect()
    }

    #[test]
    fn every_character_is_escaped_as_in_json() {
        for char in (0..=0x2ff).chain([0x2028, 0xfeff, 0x1_f600]).filter_map(char::from_u32) {
            for before in 0..9 {
                let text = format!("{:x<before$}{char} after it", "");
                let mut line = ObjectWriter(Vec::new());
                line.text(&text, &text);
                let expected = serde_json::json!({ &*text: &*text }).to_string();
                assert_eq!(String::from_utf8(line.end()), Ok(expected), "{char:?}");
            }
        }
    }

    #[test]
    fn a_special_character_is_found_at_every_place() {
        for (length, place) in (1..20).flat_map(|length| (0..length).map(move |place| (length, place))) {
            for special in ["\"", "\\", "\n"] {
                let mut text = "x".repeat(length);
                text.replace_range(place..=place, special);
                let mut line = ObjectWriter(Vec::new());
                line.text("a", &text);
                let expected = serde_json::json!({ "a": text }).to_string();
                assert_eq!(String::from_utf8(line.end()), Ok(expected), "{length} {place}");
            }
        }
    }

    #[test]
    fn lines_are_those_of_the_library() {
        let (own, library) = (WrittenLines::default(), WrittenLines::default());
        let (to_own, to_library) = (own.clone(), library.clone());
        let registry = tracing_subscriber::registry()
            .with(
                fmt::layer().fmt_fields(JsonFields::new()).event_format(JsonLines).with_writer(move || to_own.clone()),
            )
            .with(fmt::layer().json().flatten_event(true).with_writer(move || to_library.clone()));
        tracing::subscriber::with_default(registry, emit_all);
        let lines = without_times(&own);
        assert_eq!(lines.len(), LINES);
        assert_eq!(lines[LINES - 1]["spans"].as_array().map(Vec::len), Some(2));
        assert_eq!(lines, without_times(&library));
    }
}
