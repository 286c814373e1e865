//! The header of the page, and the limits and warnings.

use jiff::Timestamp;
use jiff::Unit;
use maud::{Markup, html};

use super::part::PagePart;
use super::shown::{cut, shown};
use super::table::{MOST_ROWS, rest, table};
use super::trackers;
use crate::story::Story;
use crate::units;

/// The longest headline, in bytes. A title of an ad can be longer.
const MOST_HEADLINE: usize = 400;

/// The first sentence with the numbers of the request.
pub(super) fn header(story: &Story<'_>) -> Markup {
    let metadata = &story.result.metadata;
    let asked = story.asked.iter().flatten().count();
    let requested_at =
        Timestamp::try_from(metadata.requested_at).ok().and_then(|time| time.round(Unit::Millisecond).ok());
    let facts = [
        ("Answer after", Some(units::elapsed(metadata.elapsed))),
        ("Mode", Some(metadata.mode.to_string())),
        ("Arm", metadata.arm.as_ref().map(ToString::to_string)),
        ("Sources asked", Some(format!("{asked} of {}", metadata.source_count))),
        ("Requests without use", Some(metadata.requests_wasted.to_string())),
        ("Trackers", trackers::has_any(story).then(|| trackers::counted(story))),
    ];
    html! {
        header class={ "top " (story.ending.tone().as_str()) } {
            p.eyebrow {
                "VAST request"
                @if let Some(time) = requested_at { " · " (shown(&time.to_string())) }
                " · " span.id { (shown(&metadata.request_id)) }
            }
            h1 { (shown(&cut(&story.ending.to_string(), MOST_HEADLINE))) }
            dl.facts {
                @for (name, value) in &facts {
                    @if let Some(value) = value { div { dt { (name) } dd { (shown(value)) } } }
                }
            }
        }
    }
}

/// The limits that fired.
pub(super) fn limits(story: &Story<'_>, part: &PagePart) -> Markup {
    if story.limits.is_empty() {
        return html! {};
    }
    let content = html! {
        (table("Limits that fired", &[("At", "num"), ("Limit", ""), ("Source", ""), ("Document", "num"), ("Effect", "wide")], &html! {
            @for hit in story.limits.iter().take(MOST_ROWS) {
                tr {
                    td.num { (hit.at.map_or_else(String::new, units::elapsed)) }
                    td { code { (shown(hit.kind.as_str())) } }
                    td { (shown(hit.source.unwrap_or_default())) }
                    td.num { (hit.hop) }
                    td { (shown(&hit.message)) }
                }
            }
        }))
        (rest(story.limits.len(), MOST_ROWS))
    };
    part.section("limits", "Limits that fired", &content)
}

/// The warnings about documents.
pub(super) fn warnings(story: &Story<'_>, part: &PagePart) -> Markup {
    let warnings = &story.result.warnings;
    if warnings.is_empty() {
        return html! {};
    }
    let columns = [("Source", ""), ("Document", "num"), ("Line", "num"), ("Warning", ""), ("Text", "wide")];
    let content = html! {
        (table("Warnings", &columns, &html! {
            @for warning in warnings.iter().take(MOST_ROWS) {
                tr {
                    td { (shown(&warning.source)) }
                    td.num { (warning.hop) }
                    td.num { (warning.position.map_or_else(String::new, |position| position.line.to_string())) }
                    td { code { (shown(warning.code)) } }
                    td { (shown(&warning.message)) }
                }
            }
        }))
        (rest(warnings.len(), MOST_ROWS))
    };
    part.section("warnings", "Warnings", &content)
}
