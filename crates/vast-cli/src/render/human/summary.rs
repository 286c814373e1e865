//! The numbers of many requests: the outcome, a row per source, and a histogram of each source.

use std::time::Duration;

use vast_client::policy::BreakerState;
use vast_client::stats::{ArmStats, ClientStats, Histogram, RequestStats, SourceStats, Tally};

use super::units::{count, elapsed};
use crate::render::layout::{Align, HumanOptions, Page, StyledText, TextStyle, TextTable};

/// The numbers of requests that took `time` together, as text for people.
pub(crate) fn summary(stats: &ClientStats, time: Duration, options: HumanOptions) -> String {
    let mut page = Page::new(options);
    let sources = &stats.plan.sources;
    page.line(&verdict(&stats.plan.requests, time));
    page.section("", outcomes(sources, stats.plan.requests.filled));
    page.section("arms", arms(&stats.plan.arms));
    page.section("time", latencies(sources));
    page.section("errors", kinds(sources.iter().map(|source| (source, errors(source)))));
    page.section("skipped", kinds(sources.iter().map(|source| (source, skipped(source)))));
    for source in sources {
        page.section(&format!("time of {}", source.name), bars(&source.latency));
    }
    page.finish()
}

/// The first line, for example `✓ 1990 of 2000 requests filled (99.5 %) in 12.30 s: 162.6 per second`.
fn verdict(requests: &RequestStats, time: Duration) -> StyledText {
    let RequestStats { filled, unfilled, cancelled, .. } = requests;
    let ended = filled + unfilled;
    let style = match (filled, unfilled) {
        (_, 0) => TextStyle::Success,
        (0, _) => TextStyle::Failure,
        _ => TextStyle::Warning,
    };
    let mark = if *filled > 0 { "✓" } else { "✗" };
    let rate = if time.is_zero() { 0.0 } else { ended as f64 / time.as_secs_f64() };
    let cancelled = if *cancelled > 0 { format!("; {cancelled} cancelled") } else { String::new() };
    let share = percent(requests.fill_rate());
    let requests = count(usize::try_from(ended).unwrap_or(usize::MAX), "request");
    let text =
        format!("{mark} {filled} of {requests} filled ({share}) in {}: {rate:.1} per second{cancelled}", elapsed(time));
    StyledText::new(&text, style)
}

fn outcomes(sources: &[SourceStats], filled: u64) -> TextTable {
    let mut table = TextTable::new([
        ("source", Align::Left),
        ("fill rate", Align::Right),
        ("wins", Align::Right),
        ("filled", Align::Right),
        ("no ad", Align::Right),
        ("rejected", Align::Right),
        ("failed", Align::Right),
        ("unread", Align::Right),
        ("skipped", Align::Right),
        ("not asked", Align::Right),
        ("cancelled", Align::Right),
        ("tries", Align::Right),
        ("ejected", Align::Right),
        ("breaker", Align::Left),
    ]);
    for source in sources {
        let wins = (filled > 0).then(|| source.wins as f64 / filled as f64);
        table.row([
            StyledText::plain(&source.name),
            StyledText::plain(&percent(source.fill_rate())),
            StyledText::plain(&percent(wins)),
            number(source.filled, TextStyle::Success),
            number(source.no_ad, TextStyle::Warning),
            number(source.rejected, TextStyle::Warning),
            number(source.failed.total(), TextStyle::Failure),
            number(source.unread, TextStyle::Secondary),
            number(source.skipped.total(), TextStyle::Secondary),
            number(source.not_started, TextStyle::Secondary),
            number(source.cancelled, TextStyle::Secondary),
            number(source.attempts + source.followed_attempts, TextStyle::Plain),
            number(source.ejections, TextStyle::Failure),
            breaker(source),
        ]);
    }
    table
}

/// The state of the circuit breaker, unless the source is asked as usual.
fn breaker(source: &SourceStats) -> StyledText {
    match source.breaker {
        Some(state) if state != BreakerState::Closed => StyledText::new(state.as_str(), TextStyle::Failure),
        _ => StyledText::default(),
    }
}

/// A row per arm, with 95 percent confidence intervals in parentheses. An arm is called better or worse than the first one only if the
/// difference of the fill rates is more than chance.
fn arms(arms: &[ArmStats]) -> TextTable {
    let against = arms.first().map_or_else(String::new, |first| format!("fill against {}", first.name));
    let mut table = TextTable::new([
        ("arm", Align::Left),
        ("requests", Align::Right),
        ("fill rate", Align::Right),
        ("median", Align::Right),
        ("99 %", Align::Right),
        ("with errors", Align::Right),
        (against.as_str(), Align::Left),
    ]);
    for (index, arm) in arms.iter().enumerate() {
        let ends = |(low, high): (f64, f64)| format!(" ({:.1} to {:.1})", low * 100.0, high * 100.0);
        let fills = arm.requests.fill_interval().map_or_else(String::new, ends);
        let of_errors = arm.errors().interval().map(|interval| (interval.low, interval.high));
        let latency = &arm.requests.latency;
        let times = |(low, high): (Duration, Duration)| format!(" ({} to {})", elapsed(low), elapsed(high));
        let median = latency.quantile(0.5).map_or_else(String::new, elapsed);
        let of_median = latency.quantile_interval(0.5).map_or_else(String::new, times);
        table.row([
            StyledText::plain(&arm.name),
            StyledText::plain(&arm.requests.total().to_string()),
            StyledText::plain(&format!("{}{fills}", percent(arm.requests.fill_rate()))),
            StyledText::plain(&format!("{median}{of_median}")),
            shown(latency.quantile(0.99)),
            StyledText::plain(&format!(
                "{}{}",
                percent(arm.errors().share()),
                of_errors.map_or_else(String::new, ends)
            )),
            arms.first().filter(|_| index > 0).map_or_else(StyledText::default, |first| against_first(arm, first)),
        ]);
    }
    table
}

/// Whether the fill rate of an arm is better or worse than that of the first one, or whether the difference may be chance.
fn against_first(arm: &ArmStats, first: &ArmStats) -> StyledText {
    let Some(interval) = arm.requests.fill_difference(&first.requests) else { return StyledText::default() };
    let ends = format!("({:+.1} to {:+.1} points)", interval.low * 100.0, interval.high * 100.0);
    let (word, style) = match interval {
        interval if !interval.excludes_zero() => ("may be chance", TextStyle::Secondary),
        interval if interval.low > 0.0 => ("better", TextStyle::Success),
        _ => ("worse", TextStyle::Failure),
    };
    StyledText::new(&format!("{word} {ends}"), style)
}

fn latencies(sources: &[SourceStats]) -> TextTable {
    let mut table = TextTable::new([
        ("source", Align::Left),
        ("median", Align::Right),
        ("90 %", Align::Right),
        ("95 %", Align::Right),
        ("99 %", Align::Right),
        ("longest", Align::Right),
        ("fetch", Align::Right),
        ("parse", Align::Right),
        ("resolve", Align::Right),
    ]);
    for source in sources.iter().filter(|source| source.latency.count() > 0) {
        let quantile = |histogram: &Histogram, q| shown(histogram.quantile(q));
        let of_lane = |q| quantile(&source.latency, q);
        table.row([
            StyledText::plain(&source.name),
            of_lane(0.5),
            of_lane(0.9),
            of_lane(0.95),
            of_lane(0.99),
            shown(source.latency.max()),
            quantile(&source.fetch, 0.5),
            quantile(&source.parse, 0.5),
            quantile(&source.resolve, 0.5),
        ]);
    }
    table
}

/// A row per source with its kinds, most frequent first.
fn kinds<'a>(sources: impl Iterator<Item = (&'a SourceStats, Vec<(&'static str, u64)>)>) -> TextTable {
    let mut table = TextTable::new([("", Align::Left), ("", Align::Left)]);
    for (source, mut kinds) in sources.filter(|(_, kinds)| !kinds.is_empty()) {
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let kinds: Vec<_> = kinds.into_iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        table.row([StyledText::plain(&source.name), StyledText::plain(&kinds.join(", "))]);
    }
    table
}

fn errors(source: &SourceStats) -> Vec<(&'static str, u64)> {
    named(&source.failed, |error_type| error_type.as_str())
}

fn skipped(source: &SourceStats) -> Vec<(&'static str, u64)> {
    named(&source.skipped, |reason| reason.as_str())
}

fn named<K: Copy + PartialEq>(tally: &Tally<K>, name: impl Fn(K) -> &'static str) -> Vec<(&'static str, u64)> {
    tally.iter().map(|(kind, count)| (name(kind), count)).collect()
}

/// The longest times of the rows of a histogram, in microseconds.
const ROWS: [u64; 16] = [
    250,
    500,
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    100_000_000,
];
/// The columns of the longest bar.
const BAR: u64 = 40;

/// A row for each range of times, from the shortest to the longest one that occurred.
fn bars(histogram: &Histogram) -> TextTable {
    let mut table = TextTable::new([("", Align::Right), ("", Align::Right), ("", Align::Left)]);
    let up_to: Vec<u64> = ROWS.iter().map(|bound| histogram.count_up_to(Duration::from_micros(*bound))).collect();
    let before = std::iter::once(0).chain(up_to.iter().copied());
    let counts: Vec<u64> = up_to.iter().zip(before).map(|(count, before)| count - before).collect();
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let used = |count: &u64| *count > 0;
    let (Some(first), Some(last)) = (counts.iter().position(used), counts.iter().rposition(used)) else { return table };
    for (bound, count) in ROWS.iter().zip(&counts).take(last + 1).skip(first) {
        let columns = usize::try_from((count * BAR).div_ceil(most)).unwrap_or(0);
        table.row([
            StyledText::new(&format!("to {}", within(Duration::from_micros(*bound))), TextStyle::Secondary),
            StyledText::plain(&count.to_string()),
            StyledText::plain(&"━".repeat(columns)),
        ]);
    }
    table
}

/// A bound of a row: `0.25 ms`, `2.5 ms`, `10 s`.
fn within(bound: Duration) -> String {
    let millis = bound.as_secs_f64() * 1e3;
    if millis < 1e3 { format!("{millis} ms") } else { format!("{} s", millis / 1e3) }
}

fn number(value: u64, style: TextStyle) -> StyledText {
    if value == 0 { StyledText::default() } else { StyledText::new(&value.to_string(), style) }
}

/// A time with two digits or more: `0.21 ms`, `12 ms`, `1.24 s`.
fn shown(time: Option<Duration>) -> StyledText {
    let text = |time: Duration| match time.as_secs_f64() * 1e3 {
        millis @ ..10.0 => format!("{millis:.2} ms"),
        _ => elapsed(time),
    };
    StyledText::plain(&time.map_or_else(String::new, text))
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}
