//! The page `/requests`: the newest requests.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use maud::{Markup, html};
use vast_explain::{Tone, units};

use super::figures::name;
use super::figures::safe;
use super::frame::{PageFrame, table};
use crate::admin::requests::RequestFilter;
use crate::outcome::AnswerOutcome;
use crate::recent::{RecentLane, RecentRequest, ServedAs};

/// The largest number of rows.
const MOST_ROWS: usize = 400;
/// The largest number of bars in a row.
const MOST_BARS: usize = 8;
/// The height of a bar with its gap, in pixels.
const BAR: usize = 7;
/// The longest text of a condition that the form shows again, in bytes.
const LONGEST: usize = 200;

pub(super) fn content(frame: &PageFrame<'_>, all: &[Arc<RecentRequest>], filter: &RequestFilter) -> Markup {
    let found: Vec<_> = all.iter().filter(|request| filter.matches(request)).take(MOST_ROWS).collect();
    let keep = frame.generation.server.keep_requests;
    html! {
        section { h2 { "Which" } (form(frame, filter)) }
        section data-renew="requests" {
            h2 { (found.len()) " of " (all.len()) " requests" }
            @if keep == 0 {
                p.note { "No requests are kept: " code { "keep_requests" } " of [server] is 0." }
            } @else if found.is_empty() {
                p.note { "There is no such request." }
            } @else {
                (rows(&found))
            }
            p.note {
                "The last " (keep) " requests and the last " (keep) " without an ad; of each at most 2 per second. The bars are the \
                 sources over the time of the request."
            }
        }
    }
}

/// The conditions. The form needs no script.
fn form(frame: &PageFrame<'_>, filter: &RequestFilter) -> Markup {
    let placements = frame.generation.placements().map(|placement| &*placement.name);
    let outcomes = AnswerOutcome::ALL.iter().map(|outcome| outcome.as_str());
    html! {
        form.fields method="get" action="/requests" {
            (choice("placement", "Placement", placements, &filter.placement))
            (choice("outcome", "Outcome", outcomes, &filter.outcome))
            (text("source", "Source", &filter.source))
            (text("id", "Request or group", &filter.id))
            button type="submit" { "Show" }
            a href="/requests" { "Show all" }
        }
    }
}

fn choice<'a>(key: &str, title: &str, values: impl Iterator<Item = &'a str>, chosen: &str) -> Markup {
    html! {
        label { span { (title) } select name=(key) {
            option value="" { "all" }
            @for value in values { option value=(value) selected[value == chosen] { (value.replace('_', " ")) } }
        } }
    }
}

fn text(key: &str, title: &str, value: &str) -> Markup {
    html! { label { span { (title) } input type="text" name=(key) value=(safe(value, LONGEST)); } }
}

fn rows(requests: &[&Arc<RecentRequest>]) -> Markup {
    let columns = [
        ("Time (UTC)", "name"),
        ("Placement", "name"),
        ("Outcome", "name"),
        ("Winner", "name"),
        ("Duration", "num"),
        ("Sources", "bars"),
    ];
    table(
        "Requests",
        &columns,
        &html! {
            @for request in requests {
                @if let Some(served) = request.served.get() { (row(request, served)) }
            }
        },
    )
}

fn row(request: &RecentRequest, served: &ServedAs) -> Markup {
    html! {
        tr {
            th scope="row" { a href={ "/requests/" (request.id) } { (time(request)) } }
            td { bdi { (name(&served.placement)) } }
            td { span data-tone=(tone(served.outcome).as_str()) { (served.outcome.as_str().replace('_', " ")) } }
            td { bdi { (name(request.winner.as_deref().unwrap_or_default())) } }
            td.num { (units::elapsed(request.elapsed)) }
            td.bars { (bars(request)) }
        }
    }
}

pub(super) fn time(request: &RecentRequest) -> String {
    Timestamp::try_from(request.at).map(|time| time.strftime("%H:%M:%S%.3f").to_string()).unwrap_or_default()
}

pub(super) fn tone(outcome: AnswerOutcome) -> Tone {
    match outcome {
        AnswerOutcome::Filled => Tone::Good,
        AnswerOutcome::NoAd | AnswerOutcome::Cancelled => Tone::Quiet,
        AnswerOutcome::Failed | AnswerOutcome::Timeout | AnswerOutcome::Internal => Tone::Bad,
        _ => Tone::Warning,
    }
}

/// A bar for each source, over the time of the request.
fn bars(request: &RecentRequest) -> Markup {
    let lanes: Vec<_> = request.lanes.iter().filter(|lane| lane.began.is_some()).take(MOST_BARS).collect();
    let height = lanes.len().max(1) * BAR;
    html! {
        svg.bars width="100%" height=(height) role="img" aria-label=(bars_text(request)) {
            @for (number, lane) in lanes.iter().enumerate() {
                @let (left, width) = span(lane, request.elapsed);
                rect class=(Tone::of(lane.outcome).as_str()) x=(left) y=(number * BAR) width=(width) height=(BAR - 2) rx="1" {}
            }
        }
    }
}

/// The bars in words: `east filled, west failed`.
fn bars_text(request: &RecentRequest) -> String {
    let one = |lane: &RecentLane| format!("{} {}", name(&lane.source), lane.outcome.as_str().replace('_', " "));
    let mut text = request.lanes.iter().take(MOST_BARS).map(one).collect::<Vec<_>>().join(", ");
    let rest = request.sources.saturating_sub(MOST_BARS);
    if rest > 0 {
        text += &format!(", and {rest} more");
    }
    text
}

/// The beginning and the width of a bar in percent of the request.
fn span(lane: &RecentLane, all: Duration) -> (String, String) {
    let percent = |time: Duration| {
        let share = time.as_secs_f64() / all.as_secs_f64().max(1e-9);
        (share * 100.0).min(100.0)
    };
    let began = lane.began.unwrap_or_default();
    let (left, right) = (percent(began).min(99.0), percent(began + lane.elapsed.unwrap_or_default()));
    (format!("{left:.2}%"), format!("{:.2}%", (right - left).max(1.0)))
}
