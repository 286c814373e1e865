//! The page `/`: what the gateway does now.

use maud::{Markup, html};

use super::figures::name;
use super::frame::{PageFrame, action, table};
use super::numbers::CountedOver;
use super::{graphs, sources};
use crate::admin::watch::Past;
use crate::outcome::{AnswerOutcome, HitEnd};

/// The largest number of placements in the table.
const MOST_PLACEMENTS: usize = 200;

pub(super) fn content(frame: &PageFrame<'_>, past: &Past) -> Markup {
    html! {
        (frame.facts(&[
            ("Requests per second", "rate"),
            ("Fill rate", "fill"),
            ("Median", "p50"),
            ("95th percentile", "p95"),
            ("99th percentile", "p99"),
            ("In flight", "in_flight"),
            ("Shed since the start", "shed"),
        ]))
        p.note { "Rates, shares and times are those of the last minute." }
        (graphs::section(&past.history))
        section { h2 { "Sources, " (CountedOver::LastMinute.title()) } (sources::rows(frame, CountedOver::LastMinute, false)) }
        section { h2 { "Placements, " (CountedOver::LastMinute.title()) } (placements(frame)) }
        section { h2 { "Answers" } (outcomes(frame)) }
        section {
            h2 { "Beacons" }
            (frame.facts(&[
                ("Waiting", "beacons.waiting"),
                ("Delivered", "beacons.delivered"),
                ("Dead letters", "beacons.dead"),
            ]))
            h3 { "Sealed events that came back" }
            (hits(frame))
        }
        section {
            h2 { "Process" }
            (frame.facts(&[
                ("Configuration", "generation"),
                ("Open connections", "open_connections"),
                ("Lag of the tasks", "lag"),
            ]))
            (action("/api/config/reload", "Read the configuration file again"))
            details {
                summary { "End the gateway" }
                p.note { "It answers the requests in flight, delivers the beacons that are due, and ends, as at SIGTERM." }
                (action("/api/drain", "End the gateway now"))
            }
        }
    }
}

fn placements(frame: &PageFrame<'_>) -> Markup {
    let columns = [("Placement", "name"), ("Requests/s", "num"), ("Fill rate", "num"), ("p50", "num"), ("p95", "num")];
    table(
        "Placements",
        &columns,
        &html! {
            @for (index, placement) in frame.generation.placements().enumerate().take(MOST_PLACEMENTS) {
                tr {
                    th scope="row" { bdi { (name(&placement.name)) } }
                    @for number in ["rate", "fill", "p50", "p95"] {
                        td.num { (frame.figures.show(&format!("p{index}.{number}"))) }
                    }
                }
            }
        },
    )
}

fn outcomes(frame: &PageFrame<'_>) -> Markup {
    let columns = [("Outcome", "name"), ("Last minute", "num"), ("Since the start", "num")];
    table(
        "Answers by outcome",
        &columns,
        &html! {
            @for outcome in AnswerOutcome::ALL {
                tr {
                    th scope="row" { (outcome.as_str().replace('_', " ")) }
                    @for span in [CountedOver::LastMinute, CountedOver::SinceStart] {
                        td.num { (frame.figures.show(&format!("outcome.{}.{}", outcome.as_str(), span.as_str()))) }
                    }
                }
            }
        },
    )
}

fn hits(frame: &PageFrame<'_>) -> Markup {
    html! {
        dl.facts.small {
            @for end in HitEnd::ALL {
                div { dt { (end.as_str()) } dd { (frame.figures.show(&format!("hits.{}", end.as_str()))) } }
            }
        }
    }
}
