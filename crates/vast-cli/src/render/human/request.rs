//! The result of a request: the outcome, the ads, every source, errors and trackers.

use vast_client::journal::EndReason;
use vast_client::report::{CandidateVerdict, ErrorReport};
use vast_client::track::{BeaconState, TrackedBeacon};
use vast_client::{FetchResult, SourceOrder};
use vast_explain::StorySection;

use super::units::{count, elapsed, length};
use super::{ad, ad_break, chain, schedule, sources, story};
use crate::render::layout::{Align, HumanOptions, Page, StyledText, TextStyle, TextTable};

/// The mark in the bars.
const LEGEND: &str = "┿ in a bar: a wrapper was followed";

/// The result as text for people.
pub(crate) fn request(result: &FetchResult, options: HumanOptions) -> String {
    let mut page = Page::new(options);
    page.line(&verdict(result));
    match &result.schedule {
        Some(schedule) => schedule::write(&mut page, schedule),
        None => ad_break::write(&mut page, result),
    }
    let is_pod = result.ads.len() > 1;
    for (index, candidate) in result.ads.iter().enumerate() {
        ad::write(&mut page, candidate, is_pod.then_some(index + 1));
    }
    page.section("", sources::table(result, page.width()));
    page.section("errors", errors(result, page.is_verbose()));
    if page.is_verbose() {
        page.section("documents", chain::of_sources(result));
        if !is_break(result) {
            page.section("ads judged", story::table(&StorySection::judged(&result.candidates)));
        }
        page.section("warnings", story::table(&StorySection::warnings(result)));
    }
    footer(&mut page, result);
    page.finish()
}

/// Whether a break was requested. Its picture lists the ads that were judged.
fn is_break(result: &FetchResult) -> bool {
    result.request.slot.break_duration.is_some()
}

/// The first line, for example `✓ filled by east in 212 ms` or `✗ no ad: 3 sources asked in 1.20 s`.
fn verdict(result: &FetchResult) -> StyledText {
    let time = elapsed(result.metadata.elapsed);
    if !result.success {
        let asked = result.sources.iter().filter(|source| source.began.is_some()).count();
        return StyledText::new(&format!("✗ no ad: {} asked in {time}", count(asked, "source")), TextStyle::Failure);
    }
    let fallback = if result.metadata.used_fallback { " (fallback)" } else { "" };
    let mut text = format!("✓ filled by {}{fallback} in {time}", winners(result));
    if let Some(schedule) = &result.schedule {
        text.push_str(&schedule::summary(schedule));
    }
    if result.ads.len() > 1 {
        let total = result.ads.iter().filter_map(|ad| ad.duration()).sum();
        text.push_str(&format!(": {}, {}", count(result.ads.len(), "ad"), length(total)));
    }
    StyledText::new(&text, TextStyle::Success)
}

/// The sources of the ads, each once, in order of play; the source of a playlist.
fn winners(result: &FetchResult) -> String {
    let playlist = result.source.as_deref().filter(|_| result.ads.is_empty());
    let mut names: Vec<&str> = playlist.into_iter().collect();
    for candidate in &result.ads {
        let name = &*candidate.ad.tree.source;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" and ")
}

/// The errors. Those that the row of a source or of a break gives as its reason are left out unless `all` is set.
fn errors(result: &FetchResult, all: bool) -> TextTable {
    let columns = [("source", Align::Left), ("stage", Align::Left), ("type", Align::Left), ("VAST", Align::Right)];
    let [source, stage, error_type, code] = columns;
    let mut table = TextTable::new([source, stage, error_type, code, ("what", Align::Left)]);
    for error in result.errors.iter().filter(|error| all || !is_in_sources(result, error)) {
        let failure = &error.failure;
        let hop = if error.hop > 0 { format!(", document {}", error.hop) } else { String::new() };
        table.row([
            StyledText::plain(&error.source),
            StyledText::new(&format!("{}{hop}", error.phase), TextStyle::Secondary),
            StyledText::plain(failure.error_type.as_str()),
            StyledText::plain(&failure.vast_error_code.map_or_else(String::new, |code| code.to_string())),
            StyledText::plain(&what(result, error)),
        ]);
    }
    table
}

/// Whether the row of the source has the same message. Errors behind wrappers are always listed, because the row has
/// only one of them.
fn is_in_sources(result: &FetchResult, error: &ErrorReport) -> bool {
    let reason = result.source_report(&error.source).and_then(|source| source.reason.as_ref());
    let is_in_breaks = error.break_number.is_some() && result.schedule.is_some();
    is_in_breaks
        || error.hop == 0
            && matches!(reason, Some(EndReason::Failure(failure)) if failure.message == error.failure.message)
}

/// The message. For a document behind a wrapper, its URL is added.
fn what(result: &FetchResult, error: &ErrorReport) -> String {
    let mut hops = result.source_report(&error.source).into_iter().flat_map(|source| &source.hops);
    let url = hops.find(|hop| hop.hop == error.hop).map(|hop| &hop.url);
    let message = sources::FLAGS.in_text(&error.failure.message);
    url.map_or_else(|| message.clone(), |url| format!("{message}: {url}"))
}

/// The trackers that were called, with their states; empty if no tracker was called. `is_kept` says whether a file keeps what was
/// not delivered.
pub(crate) fn tracked(result: &FetchResult, is_kept: bool, options: HumanOptions) -> String {
    let mut page = Page::new(options);
    let breaks = result.schedule.iter().flat_map(|schedule| schedule.answers());
    let tracked = std::iter::once(result).chain(breaks).flat_map(|answer| &answer.tracked);
    page.section("tracked", tracked_table(tracked, is_kept));
    let omitted = result.metadata.beacons_omitted;
    if omitted > 0 {
        let text = format!("{} left out: an answer has too many (--max-beacons)", count(omitted, "more tracker"));
        page.line(&StyledText::new(&text, TextStyle::Warning));
    }
    page.finish()
}

/// A row per tracker: event, state, HTTP status, reason, document, URL.
fn tracked_table<'a>(tracked: impl Iterator<Item = &'a TrackedBeacon>, is_kept: bool) -> TextTable {
    let left = Align::Left;
    let columns = [("event", left), ("state", left), ("status", Align::Right), ("reason", left)];
    let [event, in_state, status, reason] = columns;
    let mut table = TextTable::new([event, in_state, status, reason, ("hop", Align::Right), ("URL", left)]);
    for beacon in tracked {
        table.row([
            StyledText::plain(beacon.event.as_str()),
            state(beacon.state, is_kept),
            StyledText::plain(&beacon.status.map_or_else(String::new, |status| status.to_string())),
            StyledText::plain(beyond_status(beacon.reason.as_deref(), beacon.status)),
            StyledText::plain(&beacon.hop.to_string()),
            StyledText::plain(&beacon.url),
        ]);
    }
    table
}

/// The reason, unless it only repeats the HTTP status.
pub(crate) fn beyond_status(reason: Option<&str>, status: Option<u16>) -> &str {
    let repeats = |reason: &&str| status.is_some_and(|status| reason.ends_with(&format!(" with status {status}")));
    reason.filter(|reason| !repeats(reason)).unwrap_or_default()
}

/// The state of a beacon at the end of the command. A beacon that waits is lost unless a file keeps it.
pub(super) fn state(state: BeaconState, is_kept: bool) -> StyledText {
    let (word, style) = match state {
        BeaconState::Delivered => (state.as_str(), TextStyle::Success),
        BeaconState::Queued if is_kept => (state.as_str(), TextStyle::Warning),
        BeaconState::Queued => (LOST, TextStyle::Failure),
        _ => (state.as_str(), TextStyle::Failure),
    };
    StyledText::new(word, style)
}

/// The word for a beacon that waits in memory when the command ends.
pub(crate) const LOST: &str = "lost";

/// The mode, the wasted requests, and the numbers of entries that --verbose lists.
fn footer(page: &mut Page, result: &FetchResult) {
    let wasted = result.metadata.requests_wasted;
    let mut text = format!("mode {}{}", result.metadata.mode, order(result));
    if wasted > 0 {
        text.push_str(&format!(", {} wasted", count(usize::try_from(wasted).unwrap_or(usize::MAX), "request")));
    }
    if !page.is_verbose() {
        text.push_str(&hidden(result));
    }
    page.blank();
    if result.sources.iter().any(|source| !source.hops.is_empty()) && sources::has_bars(result, page.width()) {
        page.line(&StyledText::new(LEGEND, TextStyle::Secondary));
    }
    page.line(&StyledText::new(&text, TextStyle::Secondary));
}

/// The arm, and an order other than that of the list.
fn order(result: &FetchResult) -> String {
    let mut text = result.metadata.arm.as_ref().map_or_else(String::new, |arm| format!(", arm {arm}"));
    if let Some(order) = result.metadata.order.as_ref().filter(|order| order.strategy != SourceOrder::Listed) {
        text.push_str(&format!(", order {}: {}", order.strategy.as_str(), order.sources.join(", ")));
    }
    text
}

fn hidden(result: &FetchResult) -> String {
    let warnings = result.warnings.len();
    let not_kept = result.candidates.iter().filter(|candidate| candidate.verdict != CandidateVerdict::Kept);
    let others = if is_break(result) { 0 } else { not_kept.count() };
    let counts = [(warnings, "warning"), (others, "other ad")];
    let counts: Vec<_> =
        counts.iter().filter(|(number, _)| *number > 0).map(|(number, one)| count(*number, one)).collect();
    if counts.is_empty() { String::new() } else { format!("; -v lists {}", counts.join(" and ")) }
}
