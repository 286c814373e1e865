//! A subscriber of `tracing` that keeps each event as a line.

use std::collections::HashMap;
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

/// Writes each event of this library as `span/span message field=value`.
#[derive(Clone)]
pub(crate) struct LogLines {
    written: Arc<Mutex<Written>>,
    level: Level,
}

/// While it lives, the thread writes its events to the lines.
pub(crate) struct Collecting {
    _other: Dispatch,
    _guard: DefaultGuard,
}

impl LogLines {
    /// Collects the events of this thread, up to this level.
    pub(crate) fn collect(level: Level) -> (Self, Collecting) {
        let lines = Self { written: Arc::default(), level };
        // With a single dispatcher, tracing asks only the thread that first meets an event whether it is enabled. That may be
        // the thread of another test.
        let _other = Dispatch::new(lines.clone());
        let _guard = tracing::subscriber::set_default(lines.clone());
        (lines, Collecting { _other, _guard })
    }

    /// The values that spans got after their start.
    pub(crate) fn late_values(&self) -> Vec<String> {
        self.written.lock().expect("no panic").late.clone()
    }

    /// The lines so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.written.lock().expect("no panic").lines.clone()
    }
}

#[derive(Default)]
struct Written {
    names: HashMap<u64, String>,
    entered: Vec<u64>,
    lines: Vec<String>,
    late: Vec<String>,
}

impl Subscriber for LogLines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("vast_client") && *metadata.level() <= self.level
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        let mut written = self.written.lock().expect("no panic");
        let id = written.names.len() as u64 + 1;
        // The id of a request is random; the name of the span is enough to identify its lines.
        let name = match span.metadata().name() {
            "request" => "request".to_owned(),
            "beacon" => format!("beacon({})", fields.of("event")),
            "exchange" => format!("exchange({})", fields.of("server.address")),
            name => format!("{name}({})", fields.values()),
        };
        written.names.insert(id, name);
        Id::from_u64(id)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        // The values of a span that become known later stand in lines of their own, so that a test sees them.
        let mut fields = Fields::default();
        values.record(&mut fields);
        let mut written = self.written.lock().expect("no panic");
        written.late.push(fields.line());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut written = self.written.lock().expect("no panic");
        let path: Vec<_> = written.entered.iter().filter_map(|id| written.names.get(id)).cloned().collect();
        written.lines.push(format!("{} {}", path.join("/"), fields.line()));
    }

    fn enter(&self, span: &Id) {
        self.written.lock().expect("no panic").entered.push(span.into_u64());
    }

    fn exit(&self, span: &Id) {
        let mut written = self.written.lock().expect("no panic");
        let place = written.entered.iter().rposition(|id| *id == span.into_u64());
        written.entered.remove(place.expect("it was entered"));
    }
}

#[derive(Default)]
struct Fields(Vec<(&'static str, String)>);

impl Fields {
    fn of(&self, name: &str) -> &str {
        self.0.iter().find(|(given, _)| *given == name).map_or("", |(_, value)| value)
    }

    fn values(&self) -> String {
        self.0.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn line(&self) -> String {
        let mut line = self.of("message").to_owned();
        for (name, value) in self.0.iter().filter(|(name, _)| *name != "message") {
            let _ = write!(line, " {name}={value}");
        }
        line
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push((field.name(), format!("{value:?}").trim_matches('"').to_owned()));
    }
}
