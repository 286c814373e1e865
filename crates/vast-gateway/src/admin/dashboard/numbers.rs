//! Computes the figures of the pages.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use vast_client::ErrorType;
use vast_client::stats::{Histogram, RequestStats, SourceStats};
use vast_explain::{Tone, units};

use super::figures::{Figures, name};
use super::health_text;
use crate::admin::watch::{Past, PlacementSample, Sample, SourceCondition};
use crate::outcome::{AnswerOutcome, HitEnd};
use crate::state::GatewayState;

/// The largest number of ill sources that the banner names.
const MOST_ALARMS: usize = 10;
/// The text for a number that is not known.
const UNKNOWN: &str = "–";

/// The time over which a number was counted. Its name is the end of the figure's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CountedOver {
    LastMinute,
    SinceStart,
}

impl CountedOver {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::LastMinute => "minute",
            Self::SinceStart => "total",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::LastMinute => "last minute",
            Self::SinceStart => "since the start",
        }
    }
}

/// The figures of now.
pub(super) fn figures(state: &GatewayState, past: &Past) -> Figures {
    let mut all = Figures::default();
    let figures = &mut all;
    let total = Sample::take(state);
    let minute = past.minute().map(|older| total.since(older));
    let elapsed = past.minute().map_or(Duration::ZERO, |older| total.at.duration_since(older.at));
    let minute = minute.as_ref().unwrap_or(&total);
    answers(figures, minute, &total, elapsed);
    process(figures, state);
    beacons(figures, state, past);
    let generation = state.generation();
    let mut alarms = Vec::new();
    let (wall, none) = (state.env.wall(), PlacementSample::default());
    for (index, placement) in generation.placements().enumerate() {
        let recent = minute.placements.get(&placement.name).unwrap_or(&none);
        placement_figures(figures, &format!("p{index}"), recent, elapsed);
        for (span, sample) in [(CountedOver::LastMinute, minute), (CountedOver::SinceStart, &total)] {
            let stats = &sample.placements.get(&placement.name).unwrap_or(&none).stats;
            for (number, source) in stats.sources.iter().enumerate() {
                source_figures(figures, &source_key(index, number), span, source, &stats.requests);
            }
        }
        let now = total.placements.get(&placement.name).unwrap_or(&none);
        for (number, (source, now)) in recent.stats.sources.iter().zip(&now.stats.sources).enumerate() {
            let health = past.health(&placement.name, now, wall);
            let by_hand = generation.rules.ejection(&placement.name, &source.name);
            let ejected_by = placement.plan.adopted_from(&source.name).map(|origin| state.fleet.name_of(origin));
            let (text, tone) = match by_hand {
                Some(mark) => (health_text::ejection(mark, wall), Tone::Warning),
                None => health_text::condition(&health, ejected_by.as_deref(), wall),
            };
            if by_hand.is_none() && health.condition != SourceCondition::Well {
                alarms.push((health.since, health_text::alarm(&placement.name, &text, source)));
            }
            figures.set_tone(format!("{}.state", source_key(index, number)), text, tone);
        }
    }
    set_alarms(figures, alarms);
    all
}

/// The beginning of the keys of a source: the number of its placement and its own, in the order of the configuration.
pub(super) fn source_key(placement: usize, source: usize) -> String {
    format!("p{placement}.s{source}")
}

/// The banner. The source that became ill last comes first.
fn set_alarms(figures: &mut Figures, mut alarms: Vec<(Option<SystemTime>, String)>) {
    alarms.sort_by_key(|(since, _)| std::cmp::Reverse(*since));
    let rest = alarms.len().saturating_sub(MOST_ALARMS);
    let mut lines: Vec<_> = alarms.into_iter().take(MOST_ALARMS).map(|(_, line)| line).collect();
    if rest > 0 {
        lines.push(format!("and {rest} more sources"));
    }
    figures.set_lines("alarms", &lines, Tone::Bad);
}

fn answers(figures: &mut Figures, minute: &Sample, total: &Sample, elapsed: Duration) {
    let all = |sample: &Sample, outcome| -> u64 {
        sample.placements.values().map(|placement| placement.answered(outcome)).sum()
    };
    for &outcome in AnswerOutcome::ALL {
        for (span, sample) in [(CountedOver::LastMinute, minute), (CountedOver::SinceStart, total)] {
            let (key, count) = (format!("outcome.{}.{}", outcome.as_str(), span.as_str()), all(sample, outcome));
            figures.set_tone(key, count.to_string(), if count == 0 { Tone::Quiet } else { outcome_tone(outcome) });
        }
    }
    let mut duration = Histogram::default();
    minute.placements.values().for_each(|placement| duration.merge(&placement.duration));
    let count: u64 = AnswerOutcome::ALL.iter().map(|outcome| all(minute, *outcome)).sum();
    figures.set("rate", rate(count, elapsed));
    figures.set("fill", fill_rate(|outcome| all(minute, outcome)));
    for (key, share) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
        figures.set(key, quantile(&duration, share));
    }
}

fn outcome_tone(outcome: AnswerOutcome) -> Tone {
    match outcome {
        AnswerOutcome::Filled => Tone::Good,
        AnswerOutcome::NoAd | AnswerOutcome::Timeout | AnswerOutcome::Shed => Tone::Warning,
        AnswerOutcome::Failed | AnswerOutcome::Internal => Tone::Bad,
        _ => Tone::Quiet,
    }
}

fn process(figures: &mut Figures, state: &GatewayState) {
    let generation = state.generation();
    figures.set("in_flight", state.admission.in_flight().to_string());
    figures.set("open_connections", state.connections.open.load(Ordering::Relaxed).to_string());
    figures.set("lag", units::elapsed(state.admission.lag()));
    let shed: u64 = state.counters.shed_by_reason().map(|(_, count)| count).sum();
    figures.set_tone("shed", shed.to_string(), if shed > 0 { Tone::Warning } else { Tone::Plain });
    figures.set("generation", generation.number.to_string());
    let problem = state.config_problem().map(|problem| {
        format!("The configuration file cannot be used, number {} stays in use: {problem}", generation.number)
    });
    figures.set_tone("problem", problem.unwrap_or_default(), Tone::Bad);
    let mut notices = Vec::new();
    let reasons = state.reasons_not_ready();
    if !reasons.is_empty() {
        notices.push(format!("The gateway is not ready: {}.", reasons.join(", ")));
    }
    let waiting = state.needs_restart();
    if !waiting.is_empty() {
        notices.push(format!("These settings have changed and need a restart: {}.", waiting.join(", ")));
    }
    let wall = state.env.wall();
    for (source, mark) in generation.rules.ejected().take(MOST_ALARMS) {
        let names = [&source.source, &source.placement].map(|text| name(text));
        notices.push(format!("{} of {} is {}.", names[0], names[1], health_text::ejection(mark, wall)));
    }
    let blocked = generation.rules.blocked().count();
    if blocked > 0 {
        notices.push(format!(
            "{} by hand.",
            units::count(blocked, "ad") + if blocked == 1 { " is blocked" } else { " are blocked" }
        ));
    }
    figures.set_lines("notices", &notices, Tone::Warning);
}

fn beacons(figures: &mut Figures, state: &GatewayState, past: &Past) {
    let sent = state.client.stats().beacons;
    figures.set("beacons.delivered", sent.delivered.to_string());
    let waiting = past.outbox.as_ref().map(|outbox| outbox.waiting + outbox.in_flight);
    figures.set("beacons.waiting", waiting.map_or_else(|| UNKNOWN.to_owned(), |waiting| waiting.to_string()));
    let dead = past.outbox.as_ref().map_or(sent.dead, |outbox| outbox.dead);
    figures.set_tone("beacons.dead", dead.to_string(), if dead > 0 { Tone::Warning } else { Tone::Plain });
    for (end, count) in state.counters.beacons.hits() {
        let tone = if end == HitEnd::Refused && count > 0 { Tone::Bad } else { Tone::Plain };
        figures.set_tone(format!("hits.{}", end.as_str()), count.to_string(), tone);
    }
}

fn placement_figures(figures: &mut Figures, key: &str, minute: &PlacementSample, elapsed: Duration) {
    figures.set(format!("{key}.rate"), rate(minute.answers.iter().sum(), elapsed));
    figures.set(format!("{key}.fill"), fill_rate(|outcome| minute.answered(outcome)));
    figures.set(format!("{key}.p50"), quantile(&minute.duration, 0.5));
    figures.set(format!("{key}.p95"), quantile(&minute.duration, 0.95));
}

fn source_figures(
    figures: &mut Figures,
    source_key: &str,
    span: CountedOver,
    source: &SourceStats,
    requests: &RequestStats,
) {
    let mut set = |name: &str, text: String, tone: Tone| {
        figures.set_tone(format!("{source_key}.{name}.{}", span.as_str()), text, tone);
    };
    let asked = source.answered() + source.unread + source.cancelled;
    set("asked", asked.to_string(), Tone::Plain);
    set("filled", source.filled.to_string(), Tone::Plain);
    set("no_ad", (source.no_ad + source.rejected).to_string(), Tone::Plain);
    let failed = source.failed.total();
    let kinds: Vec<_> = source
        .failed
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| format!("{} {count}", kind.as_str()))
        .collect();
    let text = if kinds.is_empty() { "0".to_owned() } else { format!("{failed}: {}", kinds.join(", ")) };
    set("failed", text, if failed > 0 { Tone::Bad } else { Tone::Plain });
    set("timeouts", source.failed.get(ErrorType::Timeout).to_string(), Tone::Plain);
    set("p50", quantile(&source.latency, 0.5), Tone::Plain);
    set("p95", quantile(&source.latency, 0.95), Tone::Plain);
    set("wins", percent(source.wins, requests.filled), Tone::Plain);
}

/// Events per second.
fn rate(count: u64, elapsed: Duration) -> String {
    if elapsed.is_zero() {
        return UNKNOWN.to_owned();
    }
    let rate = count as f64 / elapsed.as_secs_f64();
    if rate < 10.0 { format!("{rate:.1}") } else { format!("{rate:.0}") }
}

/// The share of answers with an ad among those for which sources were asked.
fn fill_rate(count: impl Fn(AnswerOutcome) -> u64) -> String {
    let filled = count(AnswerOutcome::Filled);
    let without: u64 = [AnswerOutcome::NoAd, AnswerOutcome::Failed, AnswerOutcome::Timeout].map(&count).iter().sum();
    percent(filled, filled + without)
}

fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { UNKNOWN.to_owned() } else { format!("{:.1} %", part as f64 * 100.0 / whole as f64) }
}

fn quantile(histogram: &Histogram, share: f64) -> String {
    histogram.quantile(share).map_or_else(|| UNKNOWN.to_owned(), units::elapsed)
}
