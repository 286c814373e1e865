//! The metrics: their names, kinds, help texts and labels. Prometheus and the facade of the crate `metrics` get the same ones.

use std::time::Duration;

use super::histogram::Histogram;
use super::snapshot::{ArmStats, BeaconStats, ClientStats, PlanStats, RequestStats, SourceStats};
use crate::policy::BreakerState;

/// The upper bounds of the buckets in microseconds, with their text in seconds. Each is a bound of the histogram, so that the counts are exact.
pub(super) const METRIC_BOUNDS: [(u64, &str); 18] = [
    (50, "0.00005"),
    (100, "0.0001"),
    (250, "0.00025"),
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (2_500_000, "2.5"),
    (5_000_000, "5"),
    (10_000_000, "10"),
    (30_000_000, "30"),
];

impl Histogram {
    /// The upper bounds of the buckets of metrics, in ascending order, each with the number of durations that are not longer.
    pub fn metric_buckets(&self) -> impl Iterator<Item = (Duration, u64)> {
        METRIC_BOUNDS.into_iter().map(|(micros, _)| {
            let bound = Duration::from_micros(micros);
            (bound, self.count_up_to(bound))
        })
    }
}

/// A metric with all its series: its name, and its description for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetricFamily {
    /// The name.
    pub name: &'static str,
    /// The description.
    pub help: &'static str,
}

impl From<(&'static str, &'static str)> for MetricFamily {
    fn from((name, help): (&'static str, &'static str)) -> Self {
        Self { name, help }
    }
}

/// The labels of one series, in the order in which they are written.
pub type MetricLabels<'a> = &'a [(&'static str, &'a str)];

/// Where metrics go: the text of Prometheus ([`PrometheusText`](super::PrometheusText)), or another form.
pub trait MetricSink: Sized {
    /// Takes a series of a counter. Its value only grows.
    fn counter(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: u64);

    /// Takes a series of a gauge: a value that grows and falls.
    fn gauge(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: f64);

    /// Takes a histogram of durations. It only grows.
    fn histogram(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: &Histogram);

    /// Takes the numbers of a plan. Each of its series has the label `of_plan` first, so that plans with the same sources differ.
    fn plan(&mut self, of_plan: (&'static str, &str), plan: &PlanStats) {
        export_plan(plan, &mut LabelledSink { sink: self, label: of_plan });
    }

    /// Takes the numbers of the beacons of a client.
    fn beacons(&mut self, beacons: &BeaconStats) {
        export_beacons(beacons, self);
    }
}

/// Gives each series one more label, which is the first.
struct LabelledSink<'a, S> {
    sink: &'a mut S,
    label: (&'static str, &'a str),
}

impl<S: MetricSink> MetricSink for LabelledSink<'_, S> {
    fn counter(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: u64) {
        let labels = with_first(self.label, labels);
        self.sink.counter(family, &labels, value);
    }

    fn gauge(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: f64) {
        let labels = with_first(self.label, labels);
        self.sink.gauge(family, &labels, value);
    }

    fn histogram(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: &Histogram) {
        let labels = with_first(self.label, labels);
        self.sink.histogram(family, &labels, value);
    }
}

fn with_first<'a>(label: (&'static str, &'a str), labels: MetricLabels<'a>) -> Vec<(&'static str, &'a str)> {
    std::iter::once(label).chain(labels.iter().copied()).collect()
}

/// Gives all metrics of `stats` to `sink`.
pub(super) fn export(stats: &ClientStats, sink: &mut impl MetricSink) {
    export_plan(&stats.plan, sink);
    export_beacons(&stats.beacons, sink);
}

/// Gives the metrics of a plan to `sink`.
pub(super) fn export_plan(plan: &PlanStats, sink: &mut impl MetricSink) {
    requests(&plan.requests, sink);
    let sources = &plan.sources;
    outcomes(sources, sink);
    breakers(sources, sink);
    documents(sources, sink);
    latencies(sources, sink);
    arms(&plan.arms, sink);
}

fn requests(requests: &RequestStats, sink: &mut impl MetricSink) {
    let family = MetricFamily { name: "vast_requests_total", help: "Requests by their outcome." };
    of_requests(requests).for_each(|(outcome, value)| sink.counter(family, &[("outcome", outcome)], value));
    let help = "Time from the start of a request to its answer.";
    sink.histogram(MetricFamily { name: "vast_request_duration_seconds", help }, &[], &requests.latency);
}

fn of_requests(requests: &RequestStats) -> impl Iterator<Item = (&'static str, u64)> {
    let RequestStats { filled, unfilled, cancelled, .. } = requests;
    [("filled", *filled), ("unfilled", *unfilled), ("cancelled", *cancelled)].into_iter()
}

fn arms(arms: &[ArmStats], sink: &mut impl MetricSink) {
    let family = MetricFamily { name: "vast_arm_requests_total", help: "Requests of an arm by their outcome." };
    for arm in arms {
        let labels = |outcome| [("arm", &*arm.name), ("outcome", outcome)];
        of_requests(&arm.requests).for_each(|(outcome, value)| sink.counter(family, &labels(outcome), value));
    }
    let help = "How often a source failed in the requests of an arm, by error type.";
    let family = MetricFamily { name: "vast_arm_errors_total", help };
    for arm in arms {
        let labels = |error_type| [("arm", &*arm.name), ("error_type", error_type)];
        arm.failed.iter().for_each(|(kind, value)| sink.counter(family, &labels(kind.as_str()), value));
    }
    let help = "Time from the start of a request of an arm to its answer.";
    let family = MetricFamily { name: "vast_arm_request_duration_seconds", help };
    arms.iter().for_each(|arm| sink.histogram(family, &[("arm", &arm.name)], &arm.requests.latency));
}

fn outcomes(sources: &[SourceStats], sink: &mut impl MetricSink) {
    let help =
        "Requests by how they ended for a source. The fill rate is filled / (filled + no_ad + rejected + failed).";
    let family = MetricFamily { name: "vast_source_requests_total", help };
    for source in sources {
        let outcomes = [
            ("filled", source.filled),
            ("no_ad", source.no_ad),
            ("rejected", source.rejected),
            ("failed", source.failed.total()),
            ("unread", source.unread),
            ("cancelled", source.cancelled),
            ("skipped", source.skipped.total()),
            ("not_started", source.not_started),
        ];
        let labels = |outcome| [("source", &*source.name), ("outcome", outcome)];
        outcomes.into_iter().for_each(|(outcome, value)| sink.counter(family, &labels(outcome), value));
    }
    let family =
        MetricFamily { name: "vast_source_errors_total", help: "Requests for which a source failed, by error type." };
    for source in sources {
        let labels = |error_type| [("source", &*source.name), ("error_type", error_type)];
        source.failed.iter().for_each(|(kind, value)| sink.counter(family, &labels(kind.as_str()), value));
    }
    let help = "Requests for which a source was not asked, by the rule that excluded it.";
    let family = MetricFamily { name: "vast_source_skipped_total", help };
    for source in sources {
        let labels = |reason| [("source", &*source.name), ("reason", reason)];
        source.skipped.iter().for_each(|(reason, value)| sink.counter(family, &labels(reason.as_str()), value));
    }
    let family =
        MetricFamily { name: "vast_source_wins_total", help: "Requests whose answer has an ad of the source." };
    sources.iter().for_each(|source| sink.counter(family, &[("source", &source.name)], source.wins));
}

fn breakers(sources: &[SourceStats], sink: &mut impl MetricSink) {
    let help = "State of the circuit breaker of a source: 1 for the state that it is in, 0 for the others.";
    let family = MetricFamily { name: "vast_source_breaker_state", help };
    for (source, current) in sources.iter().filter_map(|source| Some((source, source.breaker?))) {
        for state in [BreakerState::Closed, BreakerState::Open, BreakerState::HalfOpen] {
            let labels = [("source", &*source.name), ("state", state.as_str())];
            sink.gauge(family, &labels, if state == current { 1.0 } else { 0.0 });
        }
    }
    let family =
        MetricFamily { name: "vast_source_ejections_total", help: "Ejections of a source by its circuit breaker." };
    sources.iter().for_each(|source| sink.counter(family, &[("source", &source.name)], source.ejections));
}

fn documents(sources: &[SourceStats], sink: &mut impl MetricSink) {
    let help = "Attempts to fetch a document: the source's own, or one that it leads to.";
    let attempts = MetricFamily { name: "vast_source_attempts_total", help };
    by_document(sources, attempts, sink, |source| (source.attempts, source.followed_attempts));
    let family = MetricFamily { name: "vast_source_retries_total", help: "How many of the attempts were retries." };
    sources.iter().for_each(|source| sink.counter(family, &[("source", &source.name)], source.retries));
    let bytes = MetricFamily { name: "vast_source_received_bytes_total", help: "Size of the documents as sent." };
    by_document(sources, bytes, sink, |source| (source.bytes, source.followed_bytes));
    let family = MetricFamily { name: "vast_source_cache_hits_total", help: "Responses that came from a cache." };
    sources.iter().for_each(|source| sink.counter(family, &[("source", &source.name)], source.cache_hits));
}

fn by_document(
    sources: &[SourceStats],
    family: MetricFamily,
    sink: &mut impl MetricSink,
    values: fn(&SourceStats) -> (u64, u64),
) {
    for source in sources {
        let (own, followed) = values(source);
        let labels = |document| [("source", &*source.name), ("document", document)];
        sink.counter(family, &labels("own"), own);
        sink.counter(family, &labels("followed"), followed);
    }
}

fn latencies(sources: &[SourceStats], sink: &mut impl MetricSink) {
    let help = "Running time of a source in a request. A source that another one has beaten counts until it was cut.";
    let family = MetricFamily { name: "vast_source_duration_seconds", help };
    sources.iter().for_each(|source| sink.histogram(family, &[("source", &source.name)], &source.latency));
    let family =
        MetricFamily { name: "vast_source_stage_duration_seconds", help: "Time that a source spent in a stage." };
    for source in sources {
        let stages = [("fetch", &source.fetch), ("parse", &source.parse), ("resolve", &source.resolve)];
        let labels = |stage| [("source", &*source.name), ("stage", stage)];
        stages.into_iter().for_each(|(stage, value)| sink.histogram(family, &labels(stage), value));
    }
}

/// Gives the metrics of the beacons of a client to `sink`.
pub(super) fn export_beacons(beacons: &BeaconStats, sink: &mut impl MetricSink) {
    let family = MetricFamily { name: "vast_beacons_total", help: "Beacons that are settled, by their outcome." };
    sink.counter(family, &[("outcome", "delivered")], beacons.delivered);
    sink.counter(family, &[("outcome", "dead")], beacons.dead);
    let family =
        MetricFamily { name: "vast_beacon_retries_total", help: "Attempts after which another one was scheduled." };
    sink.counter(family, &[], beacons.retried);
}
