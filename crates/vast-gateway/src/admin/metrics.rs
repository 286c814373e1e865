//! All numbers as metrics of Prometheus.

use std::sync::atomic::Ordering;

use strum::VariantArray as _;
use tokio::time::Instant;
use vast_client::stats::{MetricSink, PrometheusText};

use crate::cluster::ClusterCounts;
use crate::counters::PlacementCounters;
use crate::generation::Generation;
use crate::serve::{ConnectionEnd, ServeCounts};
use crate::state::GatewayState;
use crate::telemetry::Telemetry;

/// The text of `/metrics`.
pub(super) fn metrics(state: &GatewayState) -> String {
    let mut text = PrometheusText::default();
    fill_metrics(&mut text, state);
    text.finish()
}

/// Gives all numbers to `text`.
pub(crate) fn fill_metrics(text: &mut impl MetricSink, state: &GatewayState) {
    let (generation, counters) = (state.generation(), &state.counters);
    for placement in generation.placements() {
        answers(text, &placement.name, &placement.counters);
    }
    // The label is empty where the request has no placement.
    answers(text, "", &counters.unplaced);
    let shed = ("vast_gateway_shed_total", "Requests that were shed, by the limit.");
    counters.shed_by_reason().for_each(|(reason, count)| text.counter(shed, &[("why", reason.as_str())], count));
    connections(text, &state.connections);
    let ignored = ("vast_gateway_ignored_parameters_total", "Parameters of callers that were left out, by the reason.");
    text.counter(ignored, &[("why", "consent_unreadable")], counters.unreadable_consent.get());
    text.counter(ignored, &[("why", "macro_not_accepted")], counters.ignored_macros.get());
    let hits = ("vast_gateway_beacon_hits_total", "Sealed events that came back, by how they ended.");
    counters.beacons.hits().for_each(|(end, count)| text.counter(hits, &[("end", end.as_str())], count));
    let robots = ("vast_gateway_robot_hits_total", "Sealed events that a program without a viewer reported.");
    text.counter(robots, &[], counters.beacons.robots.get());
    let urls =
        ("vast_gateway_tracker_urls_total", "URLs written in place of trackers: sealed, or the trackers themselves.");
    counters.beacons.urls().into_iter().for_each(|(kind, count)| text.counter(urls, &[("kind", kind)], count));
    let failed = ("vast_gateway_config_failures_total", "Configurations that were read and could not be used.");
    text.counter(failed, &[], counters.failed_reloads.get());
    gauges(text, state, &generation);
    for placement in generation.placements() {
        text.plan(("placement", &placement.name), &placement.stats());
    }
    cluster(text, state);
    text.beacons(&state.client.stats().beacons);
    let records =
        ("vast_gateway_telemetry_total", "Spans, series and lines of the log for the collector: sent, or dropped.");
    for (signal, sent, dropped) in state.telemetry.iter().flat_map(Telemetry::counts) {
        text.counter(records, &[("signal", signal.as_str()), ("end", "sent")], sent);
        text.counter(records, &[("signal", signal.as_str()), ("end", "dropped")], dropped);
    }
}

fn answers(text: &mut impl MetricSink, placement: &str, counters: &PlacementCounters) {
    let total = ("vast_gateway_answers_total", "Answers of the gateway by their outcome.");
    for (outcome, count) in counters.outcomes() {
        text.counter(total, &[("placement", placement), ("outcome", outcome.as_str())], count);
    }
    let help = "Time from the head of a request to its answer.";
    let duration = counters.duration.snapshot();
    text.histogram(("vast_gateway_answer_duration_seconds", help), &[("placement", placement)], &duration);
}

fn cluster(text: &mut impl MetricSink, state: &GatewayState) {
    let fleet = &state.fleet;
    if !fleet.is_cluster {
        return;
    }
    let news = ("vast_cluster_news_total", "Messages of other gateways, by how their reading ended.");
    fleet.counts().for_each(|(end, count)| text.counter(news, &[("end", end.into())], count));
    let ejections = ("vast_cluster_ejections_total", "Ejections of sources by other gateways: adopted, and lifted.");
    let (adopted, lifted) = fleet.followed();
    text.counter(ejections, &[("change", "adopted")], adopted);
    text.counter(ejections, &[("change", "lifted")], lifted);
    cluster_beacons(text, state.cluster_counts());
    let count = fleet.peers().present(Instant::now()).count() + 1;
    let gateways = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    text.gauge(("vast_cluster_gateways", "Gateways of the cluster that this one sees, with itself."), &[], gateways);
    let connected = if fleet.is_connected() { 1.0 } else { 0.0 };
    text.gauge(("vast_cluster_connected", "Whether a NATS server answers."), &[], connected);
}

fn cluster_beacons(text: &mut impl MetricSink, beacons: ClusterCounts) {
    let repeats = ("vast_cluster_possible_repeats_total", "Beacons whose tracker may have been reached twice, by why.");
    text.counter(repeats, &[("why", "lost_claim")], beacons.lost_claims);
    text.counter(repeats, &[("why", "spilled")], beacons.doubtful);
    let moved = ("vast_cluster_beacons_total", "Beacons that did not take the usual way: by what happened to them.");
    text.counter(moved, &[("what", "spilled")], beacons.spilled);
    text.counter(moved, &[("what", "without_room")], beacons.without_room);
    text.counter(moved, &[("what", "unreadable")], beacons.unreadable);
}

fn connections(text: &mut impl MetricSink, counts: &ServeCounts) {
    let total = ("vast_gateway_connections_total", "Connections: accepted, and refused because too many were open.");
    let refused = counts.over_limit.load(Ordering::Relaxed);
    text.counter(total, &[("event", "accepted")], counts.accepted.load(Ordering::Relaxed).saturating_sub(refused));
    text.counter(total, &[("event", "refused")], refused);
    let ends = ("vast_gateway_connection_ends_total", "Connections that ended, by the reason.");
    for &end in ConnectionEnd::VARIANTS {
        text.counter(ends, &[("reason", end.into())], counts.ends(end));
    }
    let errors = ("vast_gateway_accept_errors_total", "Failures to accept connections.");
    text.counter(errors, &[], counts.accept_errors.load(Ordering::Relaxed));
}

fn gauges(text: &mut impl MetricSink, state: &GatewayState, generation: &Generation) {
    let is = |truth: bool| if truth { 1.0 } else { 0.0 };
    let number = |value: usize| f64::from(u32::try_from(value).unwrap_or(u32::MAX));
    let admission = &state.admission;
    let open = state.connections.open.load(Ordering::Relaxed);
    let unread = state.connections.unread_bytes.load(Ordering::Relaxed);
    let documents = usize::try_from(state.client.document_bytes()).unwrap_or(usize::MAX);
    let values = [
        (("vast_gateway_in_flight", "Requests in flight."), number(admission.in_flight())),
        (("vast_gateway_open_connections", "Connections that are open."), number(open)),
        (("vast_gateway_unread_bytes", "Bytes of answers in memory that clients have not read."), number(unread)),
        (
            ("vast_gateway_document_bytes", "Bytes of documents in memory of requests in flight, beyond 128 KiB each."),
            number(documents),
        ),
        (("vast_gateway_lag_seconds", "How late the tasks of the process run."), admission.lag().as_secs_f64()),
        (("vast_gateway_shed_share", "Share of the requests that is shed because of the lag."), admission.shed_share()),
        (("vast_gateway_ready", "Whether the gateway is ready."), is(state.reasons_not_ready().is_empty())),
        (("vast_gateway_config_generation", "The number of the configuration in use."), number(generation.number)),
        (
            ("vast_gateway_config_current", "Whether the configuration file is in use as it is."),
            is(state.config_problem().is_none()),
        ),
        (("vast_gateway_placements", "Placements of the configuration."), number(generation.placements().count())),
    ];
    values.into_iter().for_each(|(family, value)| text.gauge(family, &[], value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_count_of_the_cluster_has_its_own_series() {
        let counts = ClusterCounts { lost_claims: 1, doubtful: 2, spilled: 3, without_room: 4, unreadable: 5 };
        let mut text = PrometheusText::default();
        cluster_beacons(&mut text, counts);
        let text = text.finish();
        let series: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            series,
            [
                r#"vast_cluster_possible_repeats_total{why="lost_claim"} 1"#,
                r#"vast_cluster_possible_repeats_total{why="spilled"} 2"#,
                r#"vast_cluster_beacons_total{what="spilled"} 3"#,
                r#"vast_cluster_beacons_total{what="without_room"} 4"#,
                r#"vast_cluster_beacons_total{what="unreadable"} 5"#,
            ]
        );
    }
}
