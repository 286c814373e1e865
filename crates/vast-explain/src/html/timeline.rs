//! The sources and their exchanges over the time of the request, and what happened when.

use std::time::Duration;

use maud::{Markup, html};
use vast_client::Outcome;
use vast_client::report::SourceReport;

use super::part::PagePart;
use super::shown::shown;
use super::table::{MOST_ROWS, rest, table};
use crate::statement::Tone;
use crate::story::{ExchangeSpan, Story};
use crate::units;

/// The largest number of exchanges that have a row under their source.
const MOST_EXCHANGES: usize = 60;
/// The largest number of sources with a row.
const MOST_LANES: usize = 200;

/// The time of a request as a share of the width of the page.
struct Scale(Duration);

impl Scale {
    /// The position of a time in percent.
    fn percent(&self, at: Duration) -> f64 {
        let total = self.0.as_secs_f64();
        if total == 0.0 { 0.0 } else { (at.as_secs_f64() / total * 100.0).min(100.0) }
    }

    /// A bar from `began` to `ended`, at least one pixel wide.
    fn bar(&self, began: Duration, ended: Duration, class: &str) -> Markup {
        let (left, right) = (self.percent(began), self.percent(ended));
        let width = (right - left).max(0.3);
        html! { rect.(class) x={ (decimal(left.min(99.7))) "%" } y="3" width={ (decimal(width)) "%" } height="10" rx="2" {} }
    }

    /// A thin line at a time.
    fn mark(&self, at: Duration, class: &str) -> Markup {
        let at = format!("{}%", decimal(self.percent(at)));
        html! { line.(class) x1=(at) x2=(at) y1="0" y2="16" {} }
    }
}

fn decimal(percent: f64) -> String {
    format!("{percent:.2}")
}

pub(super) fn section(story: &Story<'_>, part: &PagePart) -> Markup {
    if story.course.is_empty() {
        return html! {};
    }
    let ends = story.exchanges.iter().map(|span| span.ended);
    let total = ends.chain([story.result.metadata.elapsed]).max().unwrap_or_default();
    let scale = Scale(total);
    let sources = &story.result.sources;
    let content = html! {
        div.axis aria-hidden="true" {
            span {}
            div.ticks { @for quarter in 0..=4_u32 { span { (units::elapsed(total * quarter / 4)) } } }
            span {}
        }
        ol.lanes {
            @for (lane, source) in sources.iter().enumerate().take(MOST_LANES) { (lane_rows(story, lane, source, &scale)) }
        }
        (rest(sources.len(), MOST_LANES))
        details {
            summary { "What happened, step by step (" (story.course.len()) ")" }
            (course(story))
        }
    };
    part.section("time", "Timeline", &content)
}

/// A source with a row for each of its exchanges, if there is more than one.
fn lane_rows(story: &Story<'_>, lane: usize, source: &SourceReport, scale: &Scale) -> Markup {
    let exchanges: Vec<_> = story.exchanges.iter().filter(|span| span.lane == lane).collect();
    let asked = story.asked.get(lane).copied().flatten();
    let limits = story.limits.iter().filter(|hit| hit.source == Some(&*source.name)).filter_map(|hit| hit.at);
    let tone = Tone::of(source.outcome).as_str();
    html! {
        li.lane {
            div.row {
                div.who { span class={ "dot " (tone) } {} strong { (shown(&source.name)) } " " span class={ "word " (tone) } { (words(source.outcome)) } }
                svg width="100%" height="16" aria-hidden="true" focusable="false" {
                    (grid(scale))
                    @if let (Some(began), Some(elapsed)) = (source.began, source.elapsed) { (scale.bar(began, began + elapsed, tone)) }
                    @for at in limits { (scale.mark(at, "limit")) }
                }
                div.nums { (numbers(source)) }
            }
            p.because {
                @match asked {
                    Some(asked) => { "Asked at " (units::elapsed(asked.at)) ": " (shown(&asked.because.to_string())) "." }
                    None => { "Not asked." }
                }
                @if let Some(reason) = &source.reason { " " (shown(&format!("Ended with {}: {reason}.", words(source.outcome)))) }
            }
            @if exchanges.len() > 1 {
                ol.exchanges { @for span in exchanges.iter().take(MOST_EXCHANGES) { (exchange(span, scale)) } }
                (rest(exchanges.len(), MOST_EXCHANGES))
            }
        }
    }
}

fn numbers(source: &SourceReport) -> Markup {
    let status = source.status.map_or_else(String::new, |status| status.to_string());
    let time = source.elapsed.map_or_else(String::new, units::elapsed);
    let bytes = if source.bytes == 0 { String::new() } else { units::bytes(source.bytes) };
    html! { span { (status) } span { (bytes) } span { (time) } }
}

fn exchange(span: &ExchangeSpan<'_>, scale: &Scale) -> Markup {
    let document = if span.hop == 0 { "own document".to_owned() } else { format!("document {}", span.hop) };
    let name = match span.attempt {
        0 => format!("{document}, from the cache"),
        1 => document,
        attempt => format!("{document}, attempt {attempt}"),
    };
    let status =
        span.status.map_or_else(|| if span.attempt == 0 { "" } else { "cut" }.to_owned(), |status| status.to_string());
    let tone = span.tone.as_str();
    html! {
        li.row {
            div.who { (name) @if span.redirects > 0 { ", " (units::count(span.redirects, "redirect")) } }
            svg width="100%" height="16" aria-hidden="true" focusable="false" { (grid(scale)) (scale.bar(span.began, span.ended, tone)) }
            div.nums {
                span { (status) }
                span { (span.bytes.map_or_else(String::new, units::bytes)) }
                span { (units::elapsed(span.ended.saturating_sub(span.began))) }
            }
        }
    }
}

/// The lines of the quarters.
fn grid(scale: &Scale) -> Markup {
    html! { @for quarter in 0..=4_u32 { (scale.mark(scale.0 * quarter / 4, "tick")) } }
}

fn course(story: &Story<'_>) -> Markup {
    html! {
        (table("What happened", &[("At", "num"), ("Source", ""), ("What", "wide")], &html! {
            @for moment in story.course.iter().take(MOST_ROWS) {
                tr {
                    td.num { (units::elapsed(moment.at)) }
                    td { (shown(moment.source)) }
                    td class=(moment.what.tone.as_str()) { (shown(&moment.what.text)) }
                }
            }
        }))
        (rest(story.course.len(), MOST_ROWS))
    }
}

/// An outcome as words.
pub(super) fn words(outcome: Outcome) -> String {
    outcome.as_str().replace('_', " ")
}
