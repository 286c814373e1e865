//! The page `/sources`, and the table of the sources of the overview.

use maud::{Markup, html};

use super::figures::safe;
use super::frame::{PageFrame, table};
use super::numbers::{CountedOver, source_key};
use crate::admin::watch::{Past, SourceCondition};

/// The longest name that is shown, in bytes.
const LONGEST_NAME: usize = 100;
/// The largest number of sources in a table.
const MOST_SOURCES: usize = 500;

/// The columns after the name, the placement and the state: the title, and the name in the key of the figure.
const NUMBERS: [(&str, &str); 8] = [
    ("Asked", "asked"),
    ("Filled", "filled"),
    ("No ad", "no_ad"),
    ("Failed", "failed"),
    ("Timeouts", "timeouts"),
    ("p50", "p50"),
    ("p95", "p95"),
    ("Share of wins", "wins"),
];

pub(super) fn content(frame: &PageFrame<'_>, past: &Past) -> Markup {
    html! {
        @for span in [CountedOver::LastMinute, CountedOver::SinceStart] {
            section { h2 { "Numbers, " (span.title()) } (rows(frame, past, span)) }
        }
        p.note {
            "\"No ad\" includes answers whose ads were all rejected. \"Share of wins\" is the share of the filled requests of the \
             placement whose answer has an ad of the source. Ill sources come first."
        }
    }
}

/// The table of all sources with their numbers of `span`.
pub(super) fn rows(frame: &PageFrame<'_>, past: &Past, span: CountedOver) -> Markup {
    let mut sources: Vec<_> = frame
        .generation
        .placements()
        .enumerate()
        .flat_map(|(index, placement)| {
            let sources = placement.plan.source_names().enumerate();
            sources.map(move |(number, source)| (source_key(index, number), &placement.name, source))
        })
        .collect();
    sources
        .sort_by_key(|(_, placement, source)| past.conditions.of(placement, source).condition == SourceCondition::Well);
    let columns: Vec<_> = [("Source", "name"), ("Placement", "name"), ("State", "wide")]
        .into_iter()
        .chain(NUMBERS.iter().map(|(title, name)| (*title, if *name == "failed" { "wide" } else { "num" })))
        .collect();
    html! {
        (table(&format!("Sources, {}", span.title()), &columns, &html! {
            @for (key, placement, source) in sources.iter().take(MOST_SOURCES) {
                tr {
                    th scope="row" { bdi { (name(source)) } }
                    td { bdi { (name(placement)) } }
                    td.state { (frame.figures.show(&format!("{key}.state"))) }
                    @for (_, number) in NUMBERS {
                        td class=(if number == "failed" { "wide" } else { "num" }) {
                            (frame.figures.show(&format!("{key}.{number}.{}", span.as_str())))
                        }
                    }
                }
            }
        }))
        @if sources.len() > MOST_SOURCES { p.note { "and " (sources.len() - MOST_SOURCES) " more: see /api/sources" } }
    }
}

/// A name as text of a page.
pub(super) fn name(name: &str) -> String {
    safe(name, LONGEST_NAME)
}
