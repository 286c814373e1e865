//! The page `/gateways`: all gateways of the cluster, and what each of them sees of each source.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use maud::{Markup, html};
use vast_client::policy::BreakerState;
use vast_explain::Tone;

use super::figures::name;
use super::frame::table;
use super::health_text::since_when;
use crate::admin::gateways_report::{GatewayRow, GatewaysReport, NewsExchange};
use crate::fleet::SourceNews;

/// The tables are made again after so many seconds. Gateways send a message each second.
const SECONDS_BETWEEN: u32 = 2;
/// The largest number of rows of the table of sources.
const MOST_ROWS: usize = 1_000;

pub(super) fn content(report: &GatewaysReport, now: SystemTime) -> Markup {
    html! {
        div data-renew=(SECONDS_BETWEEN) {
            @match report.exchange {
                NewsExchange::Off => p.note { "This gateway belongs to no cluster: write " code { "[cluster]" } " in its file." }
                NewsExchange::Away => section.banner {
                    span data-tone="bad" { "NATS is away: the other gateways are not known, and the health of sources is that of this gateway." }
                }
                NewsExchange::On => {}
            }
            section { h2 { "Gateways" } (gateways(&report.gateways, now)) }
            section {
                h2 { "Sources, last minute" }
                (sources(&report.gateways))
                p.note {
                    "A source that one gateway has ejected is ejected by all until it works for that gateway, or until a probe of their own has an \
                     answer. Ill sources come first. A gateway without a message for 5 seconds is not shown."
                }
            }
        }
    }
}

fn gateways(gateways: &[GatewayRow], now: SystemTime) -> Markup {
    let columns = [
        ("Gateway", "name"),
        ("State", "wide"),
        ("Version", "name"),
        ("Configuration", "num"),
        ("Requests/s", "num"),
        ("Answers", "num"),
        ("Filled", "num"),
        ("In flight", "num"),
        ("Beacons waiting", "num"),
    ];
    let state = |row: &GatewayRow| {
        let word = if row.news.ends { "is ending" } else { "works" };
        format!("{word}, started {}", since_when(UNIX_EPOCH + Duration::from_millis(row.news.started_ms), now))
    };
    table(
        "Gateways",
        &columns,
        &html! {
            @for row in gateways {
                tr {
                    th scope="row" { bdi { (name(&row.news.name)) } @if row.is_this { " (this one)" } }
                    td.wide { span data-tone=(if row.news.ends { Tone::Bad } else { Tone::Good }.as_str()) { (state(row)) } }
                    td { bdi { (name(&row.news.version)) } }
                    td.num { (row.news.generation) }
                    td.num { (format!("{:.1}", row.news.rate)) }
                    td.num { (row.news.answers) }
                    td.num { (row.news.filled) }
                    td.num { (row.news.in_flight) }
                    td.num { (row.news.beacons_waiting.map_or_else(|| "?".to_owned(), |number| number.to_string())) }
                }
            }
        },
    )
}

fn sources(gateways: &[GatewayRow]) -> Markup {
    let columns = [
        ("Source", "name"),
        ("Placement", "name"),
        ("Gateway", "name"),
        ("State", "wide"),
        ("Asked", "num"),
        ("Failed", "wide"),
        ("p50", "num"),
        ("p95", "num"),
    ];
    let rows = gateways.iter().flat_map(|row| row.news.sources.iter().map(move |source| (row, source)));
    let mut rows: Vec<_> = rows.collect();
    let ill: std::collections::BTreeSet<_> = rows
        .iter()
        .filter(|(_, source)| source.breaker != BreakerState::Closed)
        .map(|(_, source)| (&*source.placement, &*source.source))
        .collect();
    rows.sort_by_key(|(row, source)| {
        let key = (&*source.placement, &*source.source);
        (!ill.contains(&key), key, &*row.news.name)
    });
    let left_out =
        gateways.iter().map(|row| row.news.source_count.saturating_sub(row.news.sources.len())).sum::<usize>()
            + rows.len().saturating_sub(MOST_ROWS);
    html! {
        (table("Sources, last minute", &columns, &html! {
            @for (row, source) in rows.iter().take(MOST_ROWS) {
                tr {
                    th scope="row" { bdi { (name(&source.source)) } }
                    td { bdi { (name(&source.placement)) } }
                    td { bdi { (name(&row.news.name)) } }
                    td.wide { (state(source)) }
                    td.num { (source.asked) }
                    td.wide { (failures(source)) }
                    td.num { (time(source.p50_ms)) }
                    td.num { (time(source.p95_ms)) }
                }
            }
        }))
        @if left_out > 0 { p.note { "and " (left_out) " more that are not shown" } }
    }
}

fn state(source: &SourceNews) -> Markup {
    let (text, tone) = match (source.breaker, &source.ejected_by) {
        (BreakerState::Closed, _) => ("works".to_owned(), Tone::Good),
        (BreakerState::Open, Some(other)) => (format!("ejected, because {} has ejected it", name(other)), Tone::Bad),
        (BreakerState::Open, None) => ("ejected, by its own requests".to_owned(), Tone::Bad),
        (BreakerState::HalfOpen, _) => ("ejected, the next request is a probe".to_owned(), Tone::Bad),
    };
    html! { span data-tone=(tone.as_str()) { (text) } }
}

fn failures(source: &SourceNews) -> String {
    match &source.most_failures {
        Some(kind) => format!("{}, most with {}", source.failed, name(kind)),
        None => source.failed.to_string(),
    }
}

fn time(millis: Option<f64>) -> String {
    millis.map_or_else(String::new, |millis| format!("{millis:.1} ms"))
}
