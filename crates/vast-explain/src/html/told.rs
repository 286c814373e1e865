//! The sections of a story: those of the request, or of a break of a playlist.

use maud::{Markup, html};

use super::part::{PagePart, statements};
use super::shown::shown;
use super::table::rest;
use super::timeline::words;
use super::{ads, overview, sources, timeline, trackers};
use crate::statement::Tone;
use crate::story::{BreakStory, Story};

/// The largest number of breaks.
const MOST_BREAKS: usize = 100;

/// The sections of a story, without those that have nothing to show.
pub(super) fn sections(story: &Story<'_>, part: &PagePart) -> Markup {
    html! {
        (part.section("why", if story.result.success { "Why this ad" } else { "Why no ad" }, &statements(&story.reasons)))
        (changes(story, part))
        (timeline::section(story, part))
        (breaks(story))
        (ads::section(story, part))
        (sources::section(story, part))
        (overview::limits(story, part))
        (overview::warnings(story, part))
        (trackers::section(story, part))
    }
}

/// What would have changed the outcome.
fn changes(story: &Story<'_>, part: &PagePart) -> Markup {
    if story.alternatives.is_empty() {
        return html! {};
    }
    let content = html! {
        ul.statements { @for one in &story.alternatives { li.plain { (shown(&one.to_string())) } } }
        p.note { "Each line is a replay of this request with that one change." }
    };
    part.section("changes", "What would have changed it", &content)
}

fn breaks(story: &Story<'_>) -> Markup {
    if story.breaks.is_empty() {
        return html! {};
    }
    let content = html! {
        @for (number, one) in story.breaks.iter().enumerate().take(MOST_BREAKS) { (ad_break(number, one)) }
        (rest(story.breaks.len(), MOST_BREAKS))
    };
    PagePart::whole().section("breaks", "Breaks of the playlist", &content)
}

fn ad_break(number: usize, one: &BreakStory<'_>) -> Markup {
    let ad_break = &one.result.ad_break;
    let id = ad_break.break_id.as_deref().unwrap_or("no id");
    let at = ad_break.time_offset.map_or_else(String::new, |offset| format!(" at {offset}"));
    let reason = one.result.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    html! {
        details.break {
            summary {
                span class={ "dot " (Tone::of(one.result.outcome).as_str()) } {}
                strong { "Break " (number + 1) } " " (shown(id)) (shown(&at)) " "
                span.meta { (shown(&format!("{}{reason}", words(one.result.outcome)))) }
            }
            @if let Some(story) = &one.story {
                p { (shown(&story.ending.to_string())) }
                (sections(story, &PagePart::of_break(number)))
            }
        }
    }
}
