//! The page `/sources`, and the table of the sources of the overview.

use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use vast_explain::Tone;

use super::figures::name;
use super::frame::{PageFrame, action, table};
use super::numbers::{CountedOver, source_key};

/// The longest name of a source with a button, in bytes. The name is a part of the path of its action.
const LONGEST_IN_PATH: usize = 200;
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

pub(super) fn content(frame: &PageFrame<'_>) -> Markup {
    html! {
        @for span in [CountedOver::LastMinute, CountedOver::SinceStart] {
            section { h2 { "Numbers, " (span.title()) } (rows(frame, span, span == CountedOver::LastMinute)) }
        }
        p.note {
            "\"No ad\" includes answers whose ads were all rejected. \"Share of wins\" is the share of the filled requests of the \
             placement whose answer has an ad of the source. Ill sources come first."
        }
    }
}

/// The table of all sources with their numbers of `span`. With `has_actions` each row has a button.
pub(super) fn rows(frame: &PageFrame<'_>, span: CountedOver, has_actions: bool) -> Markup {
    let mut sources: Vec<_> = frame
        .generation
        .placements()
        .enumerate()
        .flat_map(|(index, placement)| {
            let sources = placement.plan.source_names().enumerate();
            sources.map(move |(number, source)| (source_key(index, number), &placement.name, source))
        })
        .collect();
    let rules = &frame.generation.rules;
    sources.sort_by_key(|(key, ..)| frame.figures.has_tone(&format!("{key}.state"), Tone::Good));
    let columns: Vec<_> = [("Source", "name"), ("Placement", "name"), ("State", "wide")]
        .into_iter()
        .chain(NUMBERS.iter().map(|(title, name)| (*title, if *name == "failed" { "wide" } else { "num" })))
        .chain(has_actions.then_some(("Action", "name")))
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
                    @if has_actions { td { (ejection(placement, source, rules.ejection(placement, source).is_some())) } }
                }
            }
        }))
        @if sources.len() > MOST_SOURCES { p.note { "and " (sources.len() - MOST_SOURCES) " more: see /api/sources" } }
    }
}

/// The button that ejects a source by hand, or ends that.
pub(super) fn ejection(placement: &str, source: &str, is_ejected: bool) -> Markup {
    if source.len() > LONGEST_IN_PATH {
        return html! { span.note { "Its name is too long for a button" } };
    }
    let [placement, source] = [placement, source].map(|name| utf8_percent_encode(name, NON_ALPHANUMERIC).to_string());
    let (route, text) = if is_ejected { ("restore", "Restore") } else { ("eject", "Eject") };
    action(&format!("/api/sources/{placement}/{source}/{route}"), text)
}
