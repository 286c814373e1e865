//! The state of the gateway as JSON. It has no keys, no addresses and no URLs with queries.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use schemars::JsonSchema;
use serde::Serialize;
use vast_client::stats::ClientStats;
use vast_client::wire::Stats;

use super::config_report::time;
use crate::config::Access;
use crate::generation::{BlockKind, OperatorMark, Placement};
use crate::state::GatewayState;

/// The state of the gateway.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StateReport {
    /// The version of this JSON form: 1.
    schema: u32,
    /// The number of the configuration.
    generation: usize,
    /// Why the newest configuration is not in use.
    config_problem: Option<String>,
    /// What has changed and needs a restart: keys of `[server]`, `[outbox]`, `[telemetry]` and `[cluster]`.
    needs_restart: Vec<&'static str>,
    /// Why the gateway is not ready; empty if it is.
    not_ready: Vec<&'static str>,
    /// The requests in flight on the public port.
    in_flight: usize,
    /// The open connections of the public port.
    open_connections: usize,
    /// How late the tasks of the process run, in milliseconds, on average over the last second.
    lag_ms: f64,
    /// The share of the requests that are shed because of the lag, from 0 to 1.
    shed_share: f64,
    /// The requests that were shed, by reason.
    shed: BTreeMap<&'static str, u64>,
    /// Parameters of tags that have no effect, and how often they came.
    unknown_parameters: BTreeMap<String, u64>,
    /// The placements, by name.
    placements: Vec<PlacementState>,
}

/// A placement.
#[derive(Debug, Serialize, JsonSchema)]
struct PlacementState {
    /// The name.
    name: String,
    /// The name of the tenant; null without one.
    tenant: Option<String>,
    access: Access,
    /// The answers by their outcome.
    answers: BTreeMap<&'static str, u64>,
    /// The names of the sources, tier by tier.
    sources: Vec<String>,
}

/// The numbers of all sources.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SourcesReport {
    /// The version of this JSON form: 1.
    schema: u32,
    /// The placements, by name.
    placements: Vec<PlacementNumbers>,
    /// The sources that operators have ejected.
    ejected: Vec<EjectedSource>,
}

/// The numbers of a placement and its sources, as `vast request --repeat` prints them.
#[derive(Debug, Serialize, JsonSchema)]
struct PlacementNumbers {
    /// The name of the placement.
    name: String,
    #[schemars(with = "Stats<'static>")]
    numbers: serde_json::Value,
}

/// A source that an operator has ejected.
#[derive(Debug, Serialize, JsonSchema)]
struct EjectedSource {
    /// The name of the placement.
    placement: String,
    /// The name of the source.
    source: String,
    #[serde(flatten)]
    mark: MarkRow,
}

/// The ads that operators have blocked.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BlockedReport {
    /// The version of this JSON form: 1.
    schema: u32,
    /// The ads, each with who has blocked it.
    blocked: Vec<BlockedAd>,
}

/// An ad that an operator has blocked.
#[derive(Debug, Serialize, JsonSchema)]
struct BlockedAd {
    kind: BlockKind,
    /// The value by which the ad is blocked.
    value: String,
    #[serde(flatten)]
    mark: MarkRow,
}

/// Who has changed something, and when.
#[derive(Debug, Serialize, JsonSchema)]
struct MarkRow {
    /// As RFC 3339.
    since: String,
    /// The name of the key; null if the admin port has no keys.
    key: Option<String>,
}

/// The answer of `/healthz`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HealthReport {
    /// `alive`, or `tasks do not run`.
    pub(super) status: &'static str,
}

/// The answer of `/readyz`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ReadyReport {
    /// Whether the gateway is ready.
    pub(super) ready: bool,
    /// Why it is not.
    pub(super) reasons: Vec<&'static str>,
    /// What works worse than it should although the gateway is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) degraded: Option<String>,
}

impl StateReport {
    /// `/api/state`.
    pub(super) fn of(state: &GatewayState) -> Self {
        let (generation, counters) = (state.generation(), &state.counters);
        Self {
            schema: 1,
            generation: generation.number,
            config_problem: state.config_problem(),
            needs_restart: state.needs_restart(),
            not_ready: state.reasons_not_ready(),
            in_flight: state.admission.in_flight(),
            open_connections: state.connections.open.load(Ordering::Relaxed),
            lag_ms: state.admission.lag().as_secs_f64() * 1000.0,
            shed_share: state.admission.shed_share(),
            shed: counters.shed_by_reason().map(|(reason, count)| (reason.as_str(), count)).collect(),
            unknown_parameters: counters.unknown_parameters(),
            placements: generation.placements().map(PlacementState::of).collect(),
        }
    }
}

impl PlacementState {
    fn of(placement: &Placement) -> Self {
        let answers = placement.counters.outcomes().map(|(outcome, count)| (outcome.as_str(), count));
        Self {
            name: placement.name.clone(),
            tenant: placement.tenant.as_ref().map(|tenant| tenant.name.clone()),
            access: placement.access,
            answers: answers.collect(),
            sources: placement.plan.source_names().map(str::to_owned).collect(),
        }
    }
}

impl SourcesReport {
    /// `/api/sources`.
    pub(super) fn of(state: &GatewayState) -> Self {
        let beacons = state.client.stats().beacons;
        let generation = state.generation();
        let one = |placement: &Placement| {
            let mut stats = ClientStats::default();
            (stats.plan, stats.beacons) = (placement.stats(), beacons);
            // Plain data with text keys, so writing it cannot fail.
            let numbers = serde_json::to_value(Stats::from(&stats)).unwrap_or_default();
            PlacementNumbers { name: placement.name.clone(), numbers }
        };
        let ejected = generation.rules.ejected().map(|(source, mark)| EjectedSource {
            placement: source.placement.clone(),
            source: source.source.clone(),
            mark: MarkRow::from(mark),
        });
        Self { schema: 1, placements: generation.placements().map(one).collect(), ejected: ejected.collect() }
    }
}

impl BlockedReport {
    /// `/api/blocked`.
    pub(super) fn of(state: &GatewayState) -> Self {
        let generation = state.generation();
        let blocked = generation.rules.blocked();
        let one = |(rule, mark): (&crate::generation::BlockRule, _)| BlockedAd {
            kind: rule.kind,
            value: rule.value.clone(),
            mark: MarkRow::from(mark),
        };
        Self { schema: 1, blocked: blocked.map(one).collect() }
    }
}

impl From<&OperatorMark> for MarkRow {
    fn from(mark: &OperatorMark) -> Self {
        Self { since: time(mark.since), key: mark.key.clone() }
    }
}
