//! The metrics: their names, kinds, help texts and labels. Prometheus and the facade of the crate `metrics` get the same ones.

use super::histogram::Histogram;
use super::snapshot::{ArmStats, BeaconStats, ClientStats, PlanStats, RequestStats, SourceStats};
use crate::policy::BreakerState;

/// A metric with all its label values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
}

/// The labels of one series, in the order in which they are written.
pub(super) type Labels<'a> = &'a [(&'static str, &'a str)];

/// Where metrics go.
pub(super) trait MetricSink {
    /// The value of a counter. It only grows.
    fn counter(&mut self, family: Family, labels: Labels<'_>, value: u64);
    /// A value that grows and falls.
    fn gauge(&mut self, family: Family, labels: Labels<'_>, value: f64);
    /// A histogram of durations. It only grows.
    fn histogram(&mut self, family: Family, labels: Labels<'_>, value: &Histogram);
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
    let family = Family { name: "vast_requests_total", help: "Requests by their outcome." };
    of_requests(requests).for_each(|(outcome, value)| sink.counter(family, &[("outcome", outcome)], value));
    let help = "Time from the start of a request to its answer.";
    sink.histogram(Family { name: "vast_request_duration_seconds", help }, &[], &requests.latency);
}

fn of_requests(requests: &RequestStats) -> impl Iterator<Item = (&'static str, u64)> {
    let RequestStats { filled, unfilled, cancelled, .. } = requests;
    [("filled", *filled), ("unfilled", *unfilled), ("cancelled", *cancelled)].into_iter()
}

fn arms(arms: &[ArmStats], sink: &mut impl MetricSink) {
    let family = Family { name: "vast_arm_requests_total", help: "Requests of an arm by their outcome." };
    for arm in arms {
        let labels = |outcome| [("arm", &*arm.name), ("outcome", outcome)];
        of_requests(&arm.requests).for_each(|(outcome, value)| sink.counter(family, &labels(outcome), value));
    }
    let help = "How often a source failed in the requests of an arm, by error type.";
    let family = Family { name: "vast_arm_errors_total", help };
    for arm in arms {
        let labels = |error_type| [("arm", &*arm.name), ("error_type", error_type)];
        arm.failed.iter().for_each(|(kind, value)| sink.counter(family, &labels(kind.as_str()), value));
    }
    let help = "Time from the start of a request of an arm to its answer.";
    let family = Family { name: "vast_arm_request_duration_seconds", help };
    arms.iter().for_each(|arm| sink.histogram(family, &[("arm", &arm.name)], &arm.requests.latency));
}

fn outcomes(sources: &[SourceStats], sink: &mut impl MetricSink) {
    let help =
        "Requests by how they ended for a source. The fill rate is filled / (filled + no_ad + rejected + failed).";
    let family = Family { name: "vast_source_requests_total", help };
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
        Family { name: "vast_source_errors_total", help: "Requests for which a source failed, by error type." };
    for source in sources {
        let labels = |error_type| [("source", &*source.name), ("error_type", error_type)];
        source.failed.iter().for_each(|(kind, value)| sink.counter(family, &labels(kind.as_str()), value));
    }
    let help = "Requests for which a source was not asked, by the rule that excluded it.";
    let family = Family { name: "vast_source_skipped_total", help };
    for source in sources {
        let labels = |reason| [("source", &*source.name), ("reason", reason)];
        source.skipped.iter().for_each(|(reason, value)| sink.counter(family, &labels(reason.as_str()), value));
    }
    let family = Family { name: "vast_source_wins_total", help: "Requests whose answer has an ad of the source." };
    sources.iter().for_each(|source| sink.counter(family, &[("source", &source.name)], source.wins));
}

fn breakers(sources: &[SourceStats], sink: &mut impl MetricSink) {
    let help = "State of the circuit breaker of a source: 1 for the state that it is in, 0 for the others.";
    let family = Family { name: "vast_source_breaker_state", help };
    for (source, current) in sources.iter().filter_map(|source| Some((source, source.breaker?))) {
        for state in [BreakerState::Closed, BreakerState::Open, BreakerState::HalfOpen] {
            let labels = [("source", &*source.name), ("state", state.as_str())];
            sink.gauge(family, &labels, if state == current { 1.0 } else { 0.0 });
        }
    }
    let family = Family { name: "vast_source_ejections_total", help: "Ejections of a source by its circuit breaker." };
    sources.iter().for_each(|source| sink.counter(family, &[("source", &source.name)], source.ejections));
}

fn documents(sources: &[SourceStats], sink: &mut impl MetricSink) {
    let help = "Attempts to fetch a document: the source's own, or one that it leads to.";
    let attempts = Family { name: "vast_source_attempts_total", help };
    by_document(sources, attempts, sink, |source| (source.attempts, source.followed_attempts));
    let family = Family { name: "vast_source_retries_total", help: "How many of the attempts were retries." };
    sources.iter().for_each(|source| sink.counter(family, &[("source", &source.name)], source.retries));
    let bytes = Family { name: "vast_source_received_bytes_total", help: "Size of the documents as sent." };
    by_document(sources, bytes, sink, |source| (source.bytes, source.followed_bytes));
    let family = Family { name: "vast_source_cache_hits_total", help: "Responses that came from a cache." };
    sources.iter().for_each(|source| sink.counter(family, &[("source", &source.name)], source.cache_hits));
}

fn by_document(
    sources: &[SourceStats],
    family: Family,
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
    let family = Family { name: "vast_source_duration_seconds", help };
    sources.iter().for_each(|source| sink.histogram(family, &[("source", &source.name)], &source.latency));
    let family = Family { name: "vast_source_stage_duration_seconds", help: "Time that a source spent in a stage." };
    for source in sources {
        let stages = [("fetch", &source.fetch), ("parse", &source.parse), ("resolve", &source.resolve)];
        let labels = |stage| [("source", &*source.name), ("stage", stage)];
        stages.into_iter().for_each(|(stage, value)| sink.histogram(family, &labels(stage), value));
    }
}

/// Gives the metrics of the beacons of a client to `sink`.
pub(super) fn export_beacons(beacons: &BeaconStats, sink: &mut impl MetricSink) {
    let family = Family { name: "vast_beacons_total", help: "Beacons that are settled, by their outcome." };
    sink.counter(family, &[("outcome", "delivered")], beacons.delivered);
    sink.counter(family, &[("outcome", "dead")], beacons.dead);
    let family = Family { name: "vast_beacon_retries_total", help: "Attempts after which another one was scheduled." };
    sink.counter(family, &[], beacons.retried);
}
