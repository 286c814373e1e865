//! The log of a race, line by line, as a subscriber of `tracing` receives it.

use std::collections::HashMap;
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::scenario::file::Names;
use crate::scenario::network::Network;
use vast_client::env::Env;
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{FetchConfig, FetchMode, SourceConfig, VastClient};
use vast_mock::{Answer, Fault, Script, Sink};

const INLINE: &str = include_str!("../../../../scenarios/ads/inline.xml");
const WRAPPER: &str = include_str!("../../../../scenarios/ads/wrapper.xml");

/// Writes each event of this library as `span/span message field=value`.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    names: HashMap<u64, String>,
    entered: Vec<u64>,
    lines: Vec<String>,
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("vast_client")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        let mut written = self.0.lock().expect("no panic");
        let id = written.names.len() as u64 + 1;
        // The id of a request is random; the name of the span is enough to identify its lines.
        let name = match span.metadata().name() {
            "request" => "request".to_owned(),
            "delivery" => format!("delivery({})", fields.of("event")),
            name => format!("{name}({})", fields.values()),
        };
        written.names.insert(id, name);
        Id::from_u64(id)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut written = self.0.lock().expect("no panic");
        let path: Vec<_> = written.entered.iter().filter_map(|id| written.names.get(id)).cloned().collect();
        written.lines.push(format!("{} {}", path.join("/"), fields.line()));
    }

    fn enter(&self, span: &Id) {
        self.0.lock().expect("no panic").entered.push(span.into_u64());
    }

    fn exit(&self, span: &Id) {
        let mut written = self.0.lock().expect("no panic");
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

#[tokio::test(start_paused = true)]
async fn the_log_of_a_race_reads_like_its_journal() {
    let lines = Lines::default();
    // With a single dispatcher, tracing asks only the thread that first meets an event whether it is enabled. That may be
    // the thread of another test.
    let _second = tracing::Dispatch::new(lines.clone());
    let _guard = tracing::subscriber::set_default(lines.clone());
    let script = Script::builder()
        .server("broken")
        .answer(Answer::new().status(404))
        .server("hang")
        .answer(Answer::new().fault(Fault::Hang))
        .server("wrapper")
        .answer(Answer::new().body(WRAPPER))
        .server("east")
        .answer(Answer::new().delay(Duration::from_millis(100)).body(INLINE))
        .server("beacons")
        .sink(Sink::NoContent);
    let network = Network::new(&script.build().expect("a script"), Names::default(), 1);
    let sources = [
        SourceConfig::url("http://broken.test/v?key=secret").named("broken"),
        SourceConfig::url("http://hang.test/v").named("hang"),
        SourceConfig::url("http://wrapper.test/w?to=http://east.test/v?ad=shoes").named("wrapper"),
    ];
    let client = VastClient::builder()
        .transport(network.clone())
        .lookup(network.lookup())
        .env(Env::fixed(UNIX_EPOCH, 1))
        .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() })
        .build(FetchConfig::new(sources).with_mode(FetchMode::Race))
        .expect("a configuration");
    let result = client.orchestrator().run(client.plan(), &Default::default(), client.run_options()).await;
    assert_eq!(result.source.as_deref(), Some("wrapper"));
    client.drain(Duration::from_secs(5)).await;

    let written = lines.0.lock().expect("no panic").lines.join("\n");
    let expected = include_str!("tracing_events.txt");
    assert!(written == expected.trim_end(), "the events of a race differ; seen:\n{written}");
    assert!(!written.contains("secret"), "the value of a query is shown");
}
