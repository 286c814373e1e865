//! The page `/outbox`: beacons by host, and dead letters.

use std::time::Duration;

use maud::{Markup, html};
use vast_explain::units;

use super::figures::safe;
use super::frame::{PageFrame, action, table};
use crate::admin::outbox_report::{DeadLetter, HostReport, OutboxReport};

/// The longest text of a document that is shown, in bytes.
const LONGEST: usize = 300;

pub(super) fn content(frame: &PageFrame<'_>, report: &OutboxReport) -> Markup {
    html! {
        (frame.facts(&[
            ("Waiting or in flight", "beacons.waiting"),
            ("Delivered since the start", "beacons.delivered"),
            ("Dead letters", "beacons.dead"),
        ]))
        @if let Some(problem) = report.problem.as_ref().or(report.stats.problem.as_ref()) {
            section.banner { span data-tone="bad" { "The outbox: " (safe(problem, LONGEST)) } }
        }
        section {
            h2 { "Beacons that wait, by host" }
            @if report.hosts.is_empty() { p.note { "No beacon waits." } } @else { (hosts(&report.hosts)) }
            @if report.is_cut { p.note { "There are more beacons than were read, so the numbers are too low." } }
        }
        section {
            h2 { "Dead letters" }
            @if report.dead.is_empty() {
                p.note { "There is no dead letter." }
            } @else {
                (dead_letters(&report.dead))
                p.note { "The oldest come first." }
                (action("/api/outbox/requeue", "Requeue all dead letters"))
            }
        }
    }
}

fn hosts(hosts: &[HostReport]) -> Markup {
    let columns = [
        ("Host", "name"),
        ("Waiting", "num"),
        ("In flight", "num"),
        ("Oldest", "num"),
        ("Last status", "num"),
        ("Last error", "wide"),
    ];
    table(
        "Beacons that wait, by host",
        &columns,
        &html! {
            @for host in hosts {
                tr {
                    th scope="row" { bdi { (safe(&host.host, LONGEST)) } }
                    td.num { (host.waiting) }
                    td.num { (host.in_flight) }
                    td.num { (age(host.oldest_seconds)) }
                    td.num { (host.last_status.map_or_else(String::new, |status| status.to_string())) }
                    td.wide { bdi { (safe(host.last_error.as_deref().unwrap_or_default(), LONGEST)) } }
                }
            }
        },
    )
}

fn dead_letters(dead: &[DeadLetter]) -> Markup {
    let columns = [
        ("Event", "name"),
        ("Source", "name"),
        ("Reason", "name"),
        ("Attempts", "num"),
        ("Status", "num"),
        ("Age", "num"),
        ("URL", "wide"),
    ];
    table(
        "Dead letters",
        &columns,
        &html! {
            @for letter in dead {
                tr {
                    th scope="row" { bdi { (safe(&letter.event, LONGEST)) } }
                    td { bdi { (safe(&letter.source, LONGEST)) } }
                    td { (letter.reason.unwrap_or_default().replace('_', " ")) }
                    td.num { (letter.attempts) }
                    td.num { (letter.last_status.map_or_else(String::new, |status| status.to_string())) }
                    td.num { (age(letter.age_seconds)) }
                    td.wide { bdi { (safe(&letter.url, LONGEST)) } }
                }
            }
        },
    )
}

fn age(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds} s") } else { units::away(Duration::from_secs(seconds)) }
}
