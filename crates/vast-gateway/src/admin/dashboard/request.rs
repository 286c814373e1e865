//! The page `/requests/ID`: the story of a request, and what the gateway knows of it.

use maud::{Markup, html};
use vast_explain::units;

use super::figures::safe;
use super::frame::table;
use super::requests::{time, tone};
use super::sources::name;
use crate::admin::requests::RequestBeacon;
use crate::recent::{KeptRecording, RecentRequest, ServedAs};

/// The longest text of a beacon that is shown, in bytes.
const LONGEST: usize = 300;

/// What the gateway knows of a request. `difference` says why the replay is not exact.
pub(super) fn section(
    request: &RecentRequest,
    served: &ServedAs,
    beacons: &Result<Vec<RequestBeacon>, String>,
    difference: Option<&str>,
) -> Markup {
    let has_file = matches!(request.recording.get(), Some(KeptRecording::Whole(_)));
    html! {
        section id="gateway" {
            h2 { "In the gateway" }
            p {
                a href="/requests" { "All requests" }
                " · " a href={ "/api/requests/" (request.id) } { "This request as JSON" }
                @if has_file { " · " a href={ "/requests/" (request.id) "/recording" } { "Its recording" } }
            }
            dl.facts {
                div { dt { "Time (UTC)" } dd { (time(request)) } }
                div { dt { "Placement" } dd { bdi { (name(&served.placement)) } } }
                div { dt { "Outcome" } dd { span data-tone=(tone(served.outcome).as_str()) { (served.outcome.as_str().replace('_', " ")) } } }
                @if let Some(winner) = &request.winner { div { dt { "Winner" } dd { bdi { (name(winner)) } } } }
                div { dt { "Duration" } dd { (units::elapsed(request.elapsed)) } }
                @if let Some(session) = served.session { div { dt { "Group of its beacons" } dd { code { (session) } } } }
            }
            @if let Some(difference) = difference { p.note { "The replay differs from the request: " (safe(difference, LONGEST)) } }
            @if has_file {
                h3 { "Replay as" }
                p { code { "vast explain " (request.id) ".vastrec" } }
                p { code { "vast replay " (request.id) ".vastrec --timeout 2s" } }
            }
            h3 { "Beacons" }
            (ledger(served, beacons))
        }
    }
}

fn ledger(served: &ServedAs, beacons: &Result<Vec<RequestBeacon>, String>) -> Markup {
    let columns = [
        ("Event", "name"),
        ("Source", "name"),
        ("State", "name"),
        ("Attempts", "num"),
        ("Status", "num"),
        ("Age", "num"),
        ("URL", "wide"),
    ];
    match beacons {
        Err(problem) => html! { p.note { "The beacons cannot be read: " (safe(problem, LONGEST)) } },
        Ok(_) if served.session.is_none() => html! { p.note { "The player calls the trackers, not the gateway." } },
        Ok(rows) if rows.is_empty() => html! { p.note { "No event of this request has been reported yet." } },
        Ok(rows) => table(
            "Beacons of this request",
            &columns,
            &html! {
                @for row in rows {
                    tr {
                        th scope="row" { bdi { (safe(&row.event, LONGEST)) } }
                        td { bdi { (safe(&row.source, LONGEST)) } }
                        td { (row.state.replace('_', " ")) @if let Some(reason) = row.reason { ": " (reason.replace('_', " ")) } }
                        td.num { (row.attempts) }
                        td.num { (row.last_status.map_or_else(String::new, |status| status.to_string())) }
                        td.num { (row.age_seconds) " s" }
                        td.wide { bdi { (safe(&row.url, LONGEST)) } }
                    }
                }
            },
        ),
    }
}

/// What is shown of a request without a replay.
pub(super) fn without_story(section: &Markup, problem: &str) -> Markup {
    html! {
        p.note { "Why this request got its ad, or none, is not known: " (safe(problem, LONGEST)) "." }
        (section)
    }
}
