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
        (called(story))
        (reports(story))
        @for (index, events) in story.due.ads.iter().enumerate().filter(|(_, events)| !events.is_empty()) {
            (at_play(index, story.due.ads.len(), events))
        }
    };
    part.section("trackers", "Trackers", &content)
}

/// The beacons that were put into an outbox.
fn called(story: &Story<'_>) -> Markup {
    let tracked = story.due.tracked;
    if tracked.is_empty() {
        return html! {};
    }
    let columns = [("Event", ""), ("State", ""), ("Status", "num"), ("Document", "num"), ("Reason", ""), ("URL", "")];
    html! {
        h3 { "Called for this answer" }
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
fn reports(story: &Story<'_>) -> Markup {
    let reports = &story.due.reports;
    if reports.is_empty() {
        return html! {};
    }
    let name = |entry: &Entry| story.result.sources.get(entry.lane).map_or("", |source| &*source.name);
    html! {
        h3 { "Error reports that are due" }
        p.note { "They are called if the request reports errors (report_errors)." }
        (table("Error reports", &[("VAST error", "num"), ("Source", ""), ("Document", "num"), ("URL", "")], &html! {
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
fn at_play(index: usize, ads: usize, events: &[EventTrackers<'_>]) -> Markup {
    let number: usize = events.iter().map(|event| event.trackers.len()).sum();
    html! {
        h3 { "Called by the player" @if ads > 1 { " of ad " (index + 1) } }
        p.note { (units::count(number, "tracker")) ", by event; macros are filled in when they are called" }
        @for event in events.iter().take(MOST_ROWS) {
            details {
                summary { (shown(&event.event)) " " span.count { (event.trackers.len()) } }
                (table("Trackers of an event", &[("Part", ""), ("Offset", "num"), ("Document", "num"), ("URL", "")], &html! {
                    @for tracker in event.trackers.iter().take(MOST_ROWS) {
                        tr {
                            td { (tracker.part.as_str()) }
                            td.num { (tracker.offset.map_or_else(String::new, |offset| offset.to_string())) }
                            td.num { (tracker.hop) }
                            td.url { (shown(tracker.url)) }
                        }
                    }
                }))
                (rest(event.trackers.len(), MOST_ROWS))
            }
        }
    }
}
