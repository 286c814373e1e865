//! Keeps traces and sends them, the metrics and the log to the collector.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{HeaderMap, Method};
use serde::Serialize;
use tokio::time::Instant;
use vast_client::FetchResult;
use vast_client::env::{Draws, Env};

use super::collector::Collector;
use super::journal_spans::{JournalSpans, span_id};
use super::log_buffer::LogBuffer;
use super::metric_points::MetricPoints;
use super::otlp::{self, KeyValue, Records, SpanKind, SpanRecord, SpanStatus, TelemetryResource, UnixNanos};
use super::queue::ExportQueue;
use super::sampler::{TailSampler, is_failure};
use super::trace_context::{RequestTrace, TraceContext, TraceId};
use crate::config::{GatewayConfigError, TelemetryConfig, TelemetrySignal};
use crate::counters::EventCounter;
use crate::outcome::AnswerOutcome;
use crate::serve::StopSignal;

/// How many spans wait for the collector at most.
const MOST_SPANS: usize = 8_192;
/// The most records of one request to the collector.
const AT_ONCE: usize = 512;
/// How often waiting records are sent.
const EVERY: Duration = Duration::from_secs(1);
/// How often the sampler adapts to the durations of the requests.
const ADAPT_EVERY: Duration = Duration::from_secs(10);
/// The pause after a failure, and the longest one after several.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long the end of the gateway waits for the collector.
const FLUSH: Duration = Duration::from_secs(1);

/// How a request ended, for its root span.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestEnd<'a> {
    pub(crate) placement: Option<&'a str>,
    /// The route, without values.
    pub(crate) route: &'static str,
    pub(crate) method: &'a Method,
    pub(crate) status: u16,
    pub(crate) outcome: AnswerOutcome,
    /// From the head of the request to the start of the pipeline.
    pub(crate) before: Duration,
    /// From the head of the request to the answer.
    pub(crate) elapsed: Duration,
}

/// The telemetry of a gateway.
pub(crate) struct Telemetry {
    config: TelemetryConfig,
    collector: Collector,
    resource: TelemetryResource,
    env: Env,
    draws: Draws,
    started: UnixNanos,
    sampler: TailSampler,
    spans: ExportQueue<SpanRecord>,
    logs: LogBuffer,
    series_sent: EventCounter,
    series_dropped: EventCounter,
    /// Whether the collector took what was sent last.
    is_taken: AtomicBool,
}

impl Telemetry {
    /// # Errors
    /// The setting that is wrong.
    pub(crate) fn new(
        config: TelemetryConfig,
        ca_file: Option<&std::path::Path>,
        env: Env,
        logs: LogBuffer,
    ) -> Result<Self, GatewayConfigError> {
        let collector = Collector::new(&config, ca_file)?;
        let draws = Env::draws(env.seed());
        let resource = TelemetryResource::new(&config.service_name, &draws.uuid::<String>());
        if config.signals.contains(&TelemetrySignal::Logs) {
            logs.open();
        }
        Ok(Self {
            sampler: TailSampler::new(config.slowest),
            started: UnixNanos::from(env.wall()),
            spans: ExportQueue::new(MOST_SPANS),
            is_taken: AtomicBool::new(true),
            series_sent: EventCounter::default(),
            series_dropped: EventCounter::default(),
            config,
            collector,
            resource,
            env,
            draws,
            logs,
        })
    }

    fn sends(&self, signal: TelemetrySignal) -> bool {
        self.config.signals.contains(&signal)
    }

    /// The trace of a request. It continues the trace in `headers`, those of a caller that is believed.
    pub(crate) fn begin(&self, headers: Option<&HeaderMap>) -> RequestTrace {
        let caller = headers.and_then(TraceContext::of);
        let root = span_id(&self.draws);
        match caller {
            Some(TraceContext { trace, parent, is_sampled }) => {
                RequestTrace { trace, root, parent: Some(parent), is_sampled }
            }
            None => {
                let (id, drawn) = self.draws.with(|random| (random.u128(1..), random.f64()));
                RequestTrace { trace: TraceId(id), root, parent: None, is_sampled: drawn < self.config.sample }
            }
        }
    }

    /// The header `traceparent` of the requests to ad servers, if it is sent.
    pub(crate) fn traceparent(&self, trace: &RequestTrace) -> Option<String> {
        self.config.propagate.then(|| trace.traceparent())
    }

    /// Keeps the trace of a request, if its end is one of those that are kept. `result` is that of the pipeline, if it ran.
    pub(crate) fn end(&self, trace: &RequestTrace, end: RequestEnd<'_>, result: Option<&FetchResult>) {
        let is_kept = self.sampler.keeps(trace.is_sampled, end.outcome, end.elapsed);
        if !is_kept || !self.sends(TelemetrySignal::Traces) {
            return;
        }
        let below = result.map(|result| JournalSpans::new(trace.trace, &self.draws).of(result, trace.root));
        let start = match result {
            // The same clock as that of the spans below, so that these lie within this one.
            Some(result) => UnixNanos::from(result.metadata.requested_at).before(end.before),
            None => UnixNanos::from(self.env.wall()).before(end.elapsed),
        };
        let mut spans = vec![root_span(trace, end, start, result)];
        spans.extend(below.into_iter().flatten());
        self.spans.push(spans);
    }

    /// The number of records of each kind that were sent, and that were dropped.
    pub(crate) fn counts(&self) -> [(TelemetrySignal, u64, u64); 3] {
        let lines = self.logs.lines();
        [
            (TelemetrySignal::Traces, self.spans.sent.get(), self.spans.dropped.get()),
            (TelemetrySignal::Metrics, self.series_sent.get(), self.series_dropped.get()),
            (TelemetrySignal::Logs, lines.sent.get(), lines.dropped.get()),
        ]
    }

    /// Sends what waits, again and again until `stop`, and then what is left, within a second. `fill` collects the metrics.
    pub(crate) async fn run(&self, fill: impl Fn(&mut MetricPoints), stop: StopSignal) {
        let work = async {
            self.send_until(&fill, &stop).await;
            // A collector that takes nothing must not delay the end.
            if self.is_taken.load(Ordering::Relaxed) {
                self.send_records().await;
                self.send_metrics(&fill).await;
            }
        };
        let end = async {
            stop.aborting().await;
            tokio::time::sleep(FLUSH).await;
        };
        tokio::select! {
            biased;
            () = work => {}
            () = end => {}
        }
    }

    /// Sends what waits, again and again until `stop`. What is being sent at that time is sent to its end.
    async fn send_until(&self, fill: &impl Fn(&mut MetricPoints), stop: &StopSignal) {
        let (mut metrics_due, mut adapt_due) = (Instant::now() + self.config.metrics_interval, Instant::now());
        let (mut wait, mut pause) = (EVERY, PAUSE);
        loop {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stop.aborting() => return,
            }
            let now = Instant::now();
            if now >= adapt_due {
                self.sampler.adapt();
                adapt_due = now + ADAPT_EVERY;
            }
            let mut is_taken = self.send_records().await;
            if now >= metrics_due {
                is_taken &= self.send_metrics(fill).await;
                metrics_due = now + self.config.metrics_interval;
            }
            (wait, pause) = if is_taken { (EVERY, PAUSE) } else { (EVERY + pause, (pause * 2).min(LONGEST_PAUSE)) };
        }
    }

    /// Sends the spans and the lines that wait. Returns whether the collector took all of them.
    async fn send_records(&self) -> bool {
        let spans = self.send_queue(TelemetrySignal::Traces, &self.spans, |spans| Records::Spans(spans)).await;
        let lines = self.send_queue(TelemetrySignal::Logs, self.logs.lines(), |lines| Records::Logs(lines)).await;
        spans && lines
    }

    async fn send_queue<T: Serialize>(
        &self,
        signal: TelemetrySignal,
        queue: &ExportQueue<T>,
        records: impl for<'r> Fn(&'r [T]) -> Records<'r, T>,
    ) -> bool {
        loop {
            let taken = queue.take(AT_ONCE);
            if taken.is_empty() {
                return true;
            }
            let pending = PendingRecords::new(&queue.dropped, taken.len());
            let body = otlp::payload(&self.resource, records(&taken));
            if !self.send(signal, body).await {
                return false;
            }
            pending.taken(&queue.sent);
        }
    }

    /// Sends the metrics as they are now. Returns whether the collector took them.
    async fn send_metrics(&self, fill: &impl Fn(&mut MetricPoints)) -> bool {
        if !self.sends(TelemetrySignal::Metrics) {
            return true;
        }
        let mut points = MetricPoints::new(self.started, UnixNanos::from(self.env.wall()));
        fill(&mut points);
        let pending = PendingRecords::new(&self.series_dropped, points.series());
        let body = otlp::payload(&self.resource, Records::Metrics(points.metrics()));
        let is_taken = self.send(TelemetrySignal::Metrics, body).await;
        if is_taken {
            pending.taken(&self.series_sent);
        }
        is_taken
    }

    async fn send(&self, signal: TelemetrySignal, body: Vec<u8>) -> bool {
        let sent = self.collector.send(signal, body).await;
        let was_taken = self.is_taken.swap(sent.is_ok(), Ordering::Relaxed);
        match sent {
            Ok(()) if !was_taken => tracing::info!("the collector takes telemetry again"),
            Err(problem) if was_taken => {
                tracing::warn!(signal = signal.as_str(), problem, "the collector takes no telemetry: it is dropped");
            }
            _ => {}
        }
        self.is_taken.load(Ordering::Relaxed)
    }
}

/// Records that are being sent. If they are not taken, also because the gateway ends, they are dropped.
struct PendingRecords<'a> {
    dropped: &'a EventCounter,
    count: usize,
}

impl<'a> PendingRecords<'a> {
    fn new(dropped: &'a EventCounter, count: usize) -> Self {
        Self { dropped, count }
    }

    fn taken(mut self, sent: &EventCounter) {
        sent.add(std::mem::take(&mut self.count) as u64);
    }
}

impl Drop for PendingRecords<'_> {
    fn drop(&mut self) {
        self.dropped.add(self.count as u64);
    }
}

/// The span of a request as a whole.
fn root_span(trace: &RequestTrace, end: RequestEnd<'_>, start: UnixNanos, result: Option<&FetchResult>) -> SpanRecord {
    let RequestEnd { placement, route, method, status, outcome, elapsed, .. } = end;
    let mut attributes = vec![
        KeyValue::new("http.request.method", known_method(method)),
        KeyValue::new("http.route", route),
        KeyValue::new("http.response.status_code", status),
        KeyValue::new("vast.outcome", outcome.as_str()),
    ];
    attributes.extend(placement.map(|name| KeyValue::new("vast.placement", name)));
    if let Some(result) = result {
        attributes.push(KeyValue::new("vast.request", result.metadata.request_id.as_str()));
        attributes.extend(result.source.as_ref().map(|name| KeyValue::new("vast.source", Arc::clone(name))));
    }
    let is_failed = is_failure(outcome);
    if is_failed {
        attributes.push(KeyValue::new("error.type", outcome.as_str()));
    }
    SpanRecord {
        trace_id: trace.trace,
        span_id: trace.root,
        parent_span_id: trace.parent,
        name: "vast.request",
        kind: SpanKind::Server,
        start_time_unix_nano: start,
        end_time_unix_nano: start.after(elapsed),
        attributes,
        status: if is_failed { SpanStatus::Error } else { SpanStatus::Unset },
    }
}

/// The name of a method. A caller can send any text as one.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        _ => "_OTHER",
    }
}

#[cfg(test)]
mod tests;
