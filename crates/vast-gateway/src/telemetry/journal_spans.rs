//! The spans of a request, from its journal: one for each source that was asked, and one for each exchange with a server.
//!
//! A span never has a URL, an address of a viewer or a value of a parameter: of a server it has the host only.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use url::Url;
use vast_client::ErrorType;
use vast_client::FetchResult;
use vast_client::env::Draws;
use vast_client::journal::{EndReason, Entry, Fact};
use vast_client::report::SourceReport;

use super::otlp::{KeyValue, SpanKind, SpanRecord, SpanStatus, UnixNanos};
use super::trace_context::{SpanId, TraceId};

/// The most spans of one trace. Servers choose how many exchanges a request needs.
const MOST_SPANS: usize = 200;

/// Makes the spans below the root of a trace.
pub(super) struct JournalSpans<'a> {
    trace: TraceId,
    draws: &'a Draws,
    spans: Vec<SpanRecord>,
}

/// A source that was asked.
struct Lane<'a> {
    id: SpanId,
    began: Duration,
    source: &'a SourceReport,
    open: Vec<PendingSpan>,
}

/// An exchange that has no end yet.
struct PendingSpan {
    hop: u32,
    began: Duration,
    /// The attempt at the document, from 1.
    number: u32,
    server: ExchangeServer,
    /// Whether it follows a redirect. It takes place only if the redirect is permitted.
    is_redirected: bool,
}

/// The server of an exchange.
struct ExchangeServer {
    host: Arc<str>,
    port: Option<u16>,
}

/// How an exchange ended.
#[derive(Clone, Copy)]
struct SpanEnd {
    at: Duration,
    status: Option<u16>,
    error_type: Option<&'static str>,
}

impl<'a> JournalSpans<'a> {
    pub(super) fn new(trace: TraceId, draws: &'a Draws) -> Self {
        Self { trace, draws, spans: Vec::new() }
    }

    /// The spans of a result below the span `parent`.
    pub(super) fn of(mut self, result: &FetchResult, parent: SpanId) -> Vec<SpanRecord> {
        let lanes = self.lanes(result, parent);
        let breaks = result.schedule.iter().flat_map(|schedule| schedule.answers());
        let playlist = result.sources.iter().position(|source| Some(&source.name) == result.source.as_ref());
        let parent = playlist.and_then(|lane| lanes.get(&lane)).copied().unwrap_or(parent);
        // The breaks of a playlist run in the lane of its source.
        breaks.for_each(|answer| drop(self.lanes(answer, parent)));
        self.spans
    }

    /// Adds the spans of the lanes of a result. Returns the span of each.
    fn lanes(&mut self, result: &FetchResult, parent: SpanId) -> BTreeMap<usize, SpanId> {
        let start = UnixNanos::from(result.metadata.requested_at);
        let mut lanes: BTreeMap<usize, Lane<'_>> = BTreeMap::new();
        let mut ids = BTreeMap::new();
        for Entry { at, lane: number, fact, .. } in &result.journal {
            if let (Fact::Asked, Some(source)) = (fact, result.sources.get(*number)) {
                let id = span_id(self.draws);
                ids.insert(*number, id);
                lanes.insert(*number, Lane { id, began: *at, source, open: Vec::new() });
                continue;
            }
            let Some(lane) = lanes.get_mut(number) else { continue };
            self.add(lane, start, *at, fact);
            if matches!(fact, Fact::Ended { .. })
                && let Some(lane) = lanes.remove(number)
            {
                self.end_lane(lane, parent, start, *at, result.metadata.break_number);
            }
        }
        // Every lane has an end in the journal; this is for one that has none.
        for lane in lanes.into_values() {
            self.end_lane(lane, parent, start, result.metadata.elapsed, result.metadata.break_number);
        }
        ids
    }

    /// Opens or ends an exchange of a lane.
    fn add(&mut self, lane: &mut Lane<'_>, start: UnixNanos, at: Duration, fact: &Fact) {
        match fact {
            Fact::Attempt { hop, number, url } => lane.begin(*hop, at, *number, url, false),
            Fact::Redirected { hop, step } => {
                let number = lane.open.iter().find(|open| open.hop == *hop).map_or(1, |open| open.number);
                self.end(lane, start, *hop, SpanEnd { at, status: Some(step.status), error_type: None });
                lane.begin(*hop, at, number, &step.location, true);
            }
            Fact::Answered { hop, status, .. } => {
                self.end(lane, start, *hop, SpanEnd { at, status: *status, error_type: None });
            }
            Fact::Failed { hop, failure } => {
                if failure.error_type == ErrorType::Redirect {
                    // The redirect was not followed, so there was no exchange after it.
                    lane.open.retain(|open| open.hop != *hop || !open.is_redirected);
                }
                let error_type = Some(failure.error_type.as_str());
                self.end(lane, start, *hop, SpanEnd { at, status: failure.status, error_type });
            }
            _ => {}
        }
    }

    /// Ends the exchange for a document.
    fn end(&mut self, lane: &mut Lane<'_>, start: UnixNanos, hop: u32, end: SpanEnd) {
        if let Some(place) = lane.open.iter().position(|open| open.hop == hop) {
            let exchange = lane.open.swap_remove(place);
            self.push_exchange(lane.id, start, exchange, end);
        }
    }

    fn push_exchange(&mut self, parent: SpanId, start: UnixNanos, exchange: PendingSpan, end: SpanEnd) {
        let PendingSpan { hop, began, number, server: ExchangeServer { host, port }, .. } = exchange;
        let SpanEnd { at, status, error_type } = end;
        let mut attributes = vec![KeyValue::new("http.request.method", "GET"), KeyValue::new("server.address", host)];
        attributes.extend(port.map(|port| KeyValue::new("server.port", port)));
        attributes.extend(status.map(|status| KeyValue::new("http.response.status_code", status)));
        if number > 1 {
            attributes.push(KeyValue::new("http.request.resend_count", number - 1));
        }
        attributes.extend(error_type.map(|kind| KeyValue::new("error.type", kind)));
        attributes.push(KeyValue::new("vast.document", hop));
        self.push(SpanRecord {
            trace_id: self.trace,
            span_id: span_id(self.draws),
            parent_span_id: Some(parent),
            name: "exchange",
            kind: SpanKind::Client,
            start_time_unix_nano: start.after(began),
            end_time_unix_nano: start.after(at),
            attributes,
            status: if error_type.is_some() { SpanStatus::Error } else { SpanStatus::Unset },
        });
    }

    fn end_lane(&mut self, lane: Lane<'_>, parent: SpanId, start: UnixNanos, at: Duration, in_break: Option<usize>) {
        let Lane { id, began, source, open } = lane;
        for exchange in open {
            self.push_exchange(id, start, exchange, SpanEnd { at, status: None, error_type: Some("cancelled") });
        }
        let mut attributes = vec![
            KeyValue::new("vast.source", Arc::clone(&source.name)),
            KeyValue::new("vast.tier", source.tier.as_str()),
            KeyValue::new("vast.outcome", source.outcome.as_str()),
        ];
        let number = in_break.and_then(|number| u32::try_from(number).ok());
        attributes.extend(number.map(|number| KeyValue::new("vast.break", number)));
        let failure = match &source.reason {
            Some(EndReason::Failure(failure)) if source.outcome == vast_client::Outcome::Failed => Some(failure),
            _ => None,
        };
        attributes.extend(failure.map(|failure| KeyValue::new("error.type", failure.error_type.as_str())));
        self.push(SpanRecord {
            trace_id: self.trace,
            span_id: id,
            parent_span_id: Some(parent),
            name: "source",
            kind: SpanKind::Internal,
            start_time_unix_nano: start.after(began),
            end_time_unix_nano: start.after(at),
            attributes,
            status: if failure.is_some() { SpanStatus::Error } else { SpanStatus::Unset },
        });
    }

    fn push(&mut self, span: SpanRecord) {
        if self.spans.len() < MOST_SPANS {
            self.spans.push(span);
        }
    }
}

impl Lane<'_> {
    /// An exchange begins, if `url` is one of HTTP: a source can be a file too.
    fn begin(&mut self, hop: u32, began: Duration, number: u32, url: &str, is_redirected: bool) {
        let Some(server) = Url::parse(url).ok().filter(|url| ["http", "https"].contains(&url.scheme())) else {
            return;
        };
        let host = server.host_str().unwrap_or_default().into();
        let server = ExchangeServer { host, port: server.port_or_known_default() };
        self.open.push(PendingSpan { hop, began, number, server, is_redirected });
    }
}

/// A new id of a span. 0 would mean that there is none.
pub(super) fn span_id(draws: &Draws) -> SpanId {
    SpanId(draws.with(|random| random.u64(1..)))
}
