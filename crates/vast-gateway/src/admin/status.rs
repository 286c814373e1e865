//! The state of the gateway as JSON. It has no keys, no addresses and no URLs with queries.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use vast_client::stats::ClientStats;
use vast_client::wire::Stats;

use super::config_report::time;
use crate::config::Access;
use crate::generation::{PlacedSource, Placement};
use crate::state::GatewayState;

/// `/api/state`.
pub(super) fn state(state: &GatewayState) -> Value {
    let (generation, counters) = (state.generation(), &state.counters);
    let shed: BTreeMap<_, _> = counters.shed_by_reason().map(|(reason, count)| (reason.as_str(), count)).collect();
    json!({
        "schema": 1,
        "generation": generation.number,
        "config_problem": state.config_problem(),
        "needs_restart": state.needs_restart(),
        "not_ready": state.reasons_not_ready(),
        "in_flight": state.admission.in_flight(),
        "open_connections": state.connections.open.load(Ordering::Relaxed),
        "lag_ms": state.admission.lag().as_secs_f64() * 1000.0,
        "shed_share": state.admission.shed_share(),
        "shed": shed,
        "unknown_parameters": counters.unknown_parameters(),
        "placements": generation.placements().map(placement).collect::<Vec<_>>(),
    })
}

fn placement(placement: &Placement) -> Value {
    let answers: BTreeMap<_, _> =
        placement.counters.outcomes().map(|(outcome, count)| (outcome.as_str(), count)).collect();
    let access = match placement.access {
        Access::Open => "open",
        Access::Key => "key",
        Access::Signed => "signed",
    };
    json!({
        "name": placement.name,
        "tenant": placement.tenant.as_ref().map(|tenant| &tenant.name),
        "access": access,
        "answers": answers,
        "sources": placement.plan.source_names().collect::<Vec<_>>(),
    })
}

/// `/api/sources`: the numbers of each placement and its sources, as `vast request --repeat` prints them.
pub(super) fn sources(state: &GatewayState) -> Value {
    let beacons = state.client.stats().beacons;
    let generation = state.generation();
    let one = |placement: &Placement| {
        let mut stats = ClientStats::default();
        (stats.plan, stats.beacons) = (placement.stats(), beacons);
        json!({ "name": placement.name, "numbers": Stats::from(&stats) })
    };
    let ejected = generation.rules.ejected().map(|(source, mark)| {
        let PlacedSource { placement, source } = source;
        json!({ "placement": placement, "source": source, "since": time(mark.since), "key": mark.key })
    });
    json!({
        "schema": 1,
        "placements": generation.placements().map(one).collect::<Vec<_>>(),
        "ejected": ejected.collect::<Vec<_>>(),
    })
}

/// `/api/blocked`: the ads that operators have blocked.
pub(super) fn blocked(state: &GatewayState) -> Value {
    let generation = state.generation();
    let blocked = generation.rules.blocked().map(|(rule, mark)| {
        json!({ "kind": rule.kind.as_str(), "value": rule.value, "since": time(mark.since), "key": mark.key })
    });
    json!({ "schema": 1, "blocked": blocked.collect::<Vec<_>>() })
}
