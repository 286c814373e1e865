//! The trackers: called, due, and called later by the player.

use maud::{Markup, html};
use vast_client::journal::{Entry, Fact};
use vast_client::track::BeaconState;

use super::part::PagePart;
use super::shown::shown;
use super::table::{MOST_ROWS, rest, table};
use crate::statement::Tone;
use crate::story::{EventTrackers, Story};
use crate::units;

/// Whether there is a tracker of any kind.
pub(super) fn has_any(story: &Story<'_>) -> bool {
    let due = &story.due;
    !due.tracked.is_empty() || !due.reports.is_empty() || due.at_play() > 0
}

/// The numbers of trackers, for example `1 called, 2 error reports due, 12 at play`.
pub(super) fn counted(story: &Story<'_>) -> String {
    let due = &story.due;
    let reports = units::count(due.reports.len(), "error report");
    let parts = [
        (due.tracked.len(), format!("{} called", due.tracked.len())),
        (due.reports.len(), format!("{reports} due")),
        (due.at_play(), format!("{} at play", due.at_play())),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|(number, _)| *number > 0).map(|(_, words)| words).collect();
    parts.join(", ")
}

pub(super) fn section(story: &Story<'_>, part: &PagePart) -> Markup {
    if !has_any(story) {
        return html! {};
    }
    let content = html! {
        (called(story, part))
        (reports(story, part))
        @for (index, events) in story.due.ads.iter().enumerate().filter(|(_, events)| !events.is_empty()) {
            (at_play(index, story.due.ads.len(), events, part))
        }
    };
    part.section("trackers", "Trackers", &content)
}

/// The beacons that were put into an outbox.
fn called(story: &Story<'_>, part: &PagePart) -> Markup {
    let tracked = story.due.tracked;
    if tracked.is_empty() {
        return html! {};
    }
    let columns =
        [("Event", ""), ("State", ""), ("Status", "num"), ("Document", "num"), ("Reason", "wide"), ("URL", "wide")];
    html! {
        (part.heading(&html! { "Called for this answer" }))
        (table("Trackers that were called", &columns, &html! {
            @for beacon in tracked.iter().take(MOST_ROWS) {
                tr {
                    td { (shown(beacon.event.as_str())) }
                    td { span class={ "dot " (state_tone(beacon.state).as_str()) } {} (beacon.state.as_str()) }
                    td.num { (beacon.status.map_or_else(String::new, |status| status.to_string())) }
                    td.num { (beacon.hop) }
                    td { (shown(beacon.reason.as_deref().unwrap_or_default())) }
                    td.url { (shown(&beacon.url)) }
                }
            }
        }))
        (rest(tracked.len(), MOST_ROWS))
    }
}

fn state_tone(state: BeaconState) -> Tone {
    match state {
        BeaconState::Delivered => Tone::Good,
        BeaconState::Queued => Tone::Warning,
        _ => Tone::Bad,
    }
}

/// The error reports that are due.
fn reports(story: &Story<'_>, part: &PagePart) -> Markup {
    let reports = &story.due.reports;
    if reports.is_empty() {
        return html! {};
    }
    let name = |entry: &Entry| story.result.sources.get(entry.lane).map_or("", |source| &*source.name);
    html! {
        (part.heading(&html! { "Error reports that are due" }))
        p.note { "They are called if the request reports errors (report_errors)." }
        (table("Error reports", &[("VAST error", "num"), ("Source", ""), ("Document", "num"), ("URL", "wide")], &html! {
            @for entry in reports.iter().take(MOST_ROWS) {
                @if let Fact::ReportDue { hop, url, code, .. } = &entry.fact {
                    tr { td.num { (code) } td { (shown(name(entry))) } td.num { (hop) } td.url { (shown(url)) } }
                }
            }
        }))
        (rest(reports.len(), MOST_ROWS))
    }
}

/// The trackers that the player of an ad calls.
fn at_play(index: usize, ads: usize, events: &[EventTrackers<'_>], part: &PagePart) -> Markup {
    let number: usize = events.iter().map(|event| event.trackers.len()).sum();
    let counts: Vec<String> = events.iter().map(|event| format!("{} {}", event.event, event.trackers.len())).collect();
    let columns = [("Event", ""), ("Part", ""), ("Offset", "num"), ("Document", "num"), ("URL", "wide")];
    let rows = events.iter().flat_map(|event| event.trackers.iter().enumerate().map(move |one| (event, one)));
    html! {
        (part.heading(&html! { "Called by the player" @if ads > 1 { " of ad " (index + 1) } }))
        details {
            summary { (units::count(number, "tracker")) ": " (shown(&counts.join(", "))) }
            p.note { "Macros are filled in when a tracker is called." }
            (table("Trackers by event", &columns, &html! {
                @for (event, (place, tracker)) in rows.take(MOST_ROWS) {
                    tr {
                        td { @if place == 0 { (shown(&event.event)) } }
                        td { (tracker.part.as_str()) }
                        td.num { (tracker.offset.map_or_else(String::new, |offset| offset.to_string())) }
                        td.num { (tracker.hop) }
                        td.url { (shown(tracker.url)) }
                    }
                }
            }))
            (rest(number, MOST_ROWS))
        }
    }
}
