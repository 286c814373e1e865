//! All gateways of the cluster, and what each of them sees of its sources.

use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::Instant;
use vast_client::policy::BreakerState;
use vast_client::stats::SourceStats;

use super::watch::{Past, Sample};
use crate::fleet::{EjectionNews, GatewayNews, SourceNews, millis};
use crate::generation::Generation;
use crate::outcome::AnswerOutcome;
use crate::state::GatewayState;

/// `/api/gateways`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct GatewaysReport {
    /// The version of this JSON form: 1.
    schema: u32,
    pub(super) exchange: NewsExchange,
    /// This gateway comes first, then the others by name.
    pub(super) gateways: Vec<GatewayRow>,
}

/// Whether gateways tell each other what they see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NewsExchange {
    /// The gateway belongs to no cluster.
    Off,
    /// No NATS server answers, so only this gateway is known.
    Away,
    On,
}

/// A gateway.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct GatewayRow {
    /// Whether it is the one that answers.
    pub(super) is_this: bool,
    /// The seconds since its last message.
    pub(super) silent_seconds: f64,
    #[serde(flatten)]
    pub(super) news: GatewayNews,
}

impl GatewaysReport {
    pub(super) fn of(state: &GatewayState, past: &Past) -> Self {
        let exchange = match (state.fleet.is_cluster, state.fleet.is_connected()) {
            (false, _) => NewsExchange::Off,
            (true, false) => NewsExchange::Away,
            (true, true) => NewsExchange::On,
        };
        let mut gateways = vec![GatewayRow { is_this: true, silent_seconds: 0.0, news: own_news(state, past) }];
        let peers = state.fleet.peers();
        let others = peers.present(Instant::now()).map(|(news, silent)| GatewayRow {
            is_this: false,
            silent_seconds: silent.as_secs_f64(),
            news: news.clone(),
        });
        gateways.extend(others);
        drop(peers);
        gateways.sort_by(|one, other| (!one.is_this, &one.news.name).cmp(&(!other.is_this, &other.news.name)));
        Self { schema: 1, exchange, gateways }
    }
}

/// What this gateway tells the others. The number of the message is that of the next one to be sent.
pub(super) fn own_news(state: &GatewayState, past: &Past) -> GatewayNews {
    let generation = state.generation();
    let now = Sample::take(state);
    let minute = past.minute().map(|older| now.since(older));
    let (mut answers, mut filled) = (0, 0);
    for placement in now.placements.values() {
        answers += placement.answers.iter().sum::<u64>();
        filled += placement.answered(AnswerOutcome::Filled);
    }
    GatewayNews {
        id: format!("{:016x}", state.fleet.id),
        name: state.fleet.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        sequence: 0,
        sent_ms: millis(state.env.wall()),
        started_ms: millis(state.fleet.started),
        generation: generation.number,
        ends: state.stop.is_draining(),
        rate: rate(past, &now),
        answers,
        filled,
        in_flight: state.admission.in_flight(),
        beacons_waiting: past.outbox.as_ref().map(|stats| stats.waiting),
        source_count: 0,
        sources: sources(state, &generation, minute.as_ref().unwrap_or(&now)),
    }
    .bounded()
}

/// The answers per second since the sample with which the last minute begins.
fn rate(past: &Past, now: &Sample) -> f64 {
    let Some(older) = past.minute() else { return 0.0 };
    let since = now.since(older);
    let count: u64 = since.placements.values().flat_map(|placement| &placement.answers).sum();
    let seconds = now.at.saturating_duration_since(older.at).as_secs_f64().max(1.0);
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / seconds
}

fn sources(state: &GatewayState, generation: &Generation, minute: &Sample) -> Vec<SourceNews> {
    let mut found = Vec::new();
    for placement in generation.placements() {
        let Some(sample) = minute.placements.get(&placement.name) else { continue };
        for stats in &sample.stats.sources {
            let ejection = placement.plan.own_ejection(&stats.name);
            let ejected_by = placement.plan.adopted_from(&stats.name);
            found.push(SourceNews {
                ejection: ejection.map(|ejection| EjectionNews {
                    number: ejection.number,
                    left_ms: u64::try_from(ejection.left.as_millis()).unwrap_or(u64::MAX),
                }),
                ejected_by: ejected_by.map(|origin| state.fleet.name_of(origin)),
                ..source(&placement.name, stats)
            });
        }
    }
    found
}

fn source(placement: &str, stats: &SourceStats) -> SourceNews {
    let time = |share| stats.latency.quantile(share).map(|time| (time.as_secs_f64() * 10_000.0).round() / 10.0);
    let most = stats.failed.iter().max_by_key(|(_, count)| *count).filter(|(_, count)| *count > 0);
    SourceNews {
        placement: placement.to_owned(),
        source: stats.name.to_string(),
        asked: stats.answered(),
        failed: stats.failed.total(),
        most_failures: most.map(|(kind, _)| kind.as_str().to_owned()),
        p50_ms: time(0.5),
        p95_ms: time(0.95),
        breaker: stats.breaker.unwrap_or(BreakerState::Closed),
        ejection: None,
        ejected_by: None,
    }
}
