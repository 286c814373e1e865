//! The trackers of an event.

use vast_client::FetchResult;
use vast_client::wire::{DueTracker, TrackResult};
use vast_explain::StorySection;

use super::request::{beyond_status, state};
use super::units::count;
use super::{chain, story};
use crate::render::layout::{Align, HumanOptions, Page, StyledText, TextStyle, TextTable};

/// The trackers as text for people; with --verbose also the documents and warnings of `result`, the request that found their ads.
/// `is_kept` says whether a file keeps what was not delivered.
pub(crate) fn track(trackers: &TrackResult<'_>, result: &FetchResult, is_kept: bool, options: HumanOptions) -> String {
    let mut page = Page::new(options);
    let ads = trackers.trackers.iter().map(|tracker| tracker.ad + 1).max().unwrap_or_default();
    let mut heading = count(trackers.trackers.len(), "tracker");
    if ads > 1 {
        heading.push_str(&format!(" of {}", count(ads, "ad")));
    }
    page.line(&StyledText::new(&heading, TextStyle::Heading));
    let columns = [("ad", Align::Right), ("event", Align::Left), ("part", Align::Left), ("at", Align::Right)];
    let [ad, event, part, at] = columns;
    let [in_state, status, reason] = [("state", Align::Left), ("status", Align::Right), ("reason", Align::Left)];
    let mut table =
        TextTable::new([ad, event, part, at, in_state, status, reason, ("hop", Align::Right), ("URL", Align::Left)]);
    for tracker in &trackers.trackers {
        let number = if ads > 1 { (tracker.ad + 1).to_string() } else { String::new() };
        table.row([
            StyledText::plain(&number),
            StyledText::plain(tracker.event),
            StyledText::new(tracker.part, TextStyle::Secondary),
            StyledText::plain(&offset(tracker)),
            tracker.state.map_or_else(StyledText::default, |known| state(known, is_kept)),
            StyledText::plain(&tracker.status.map_or_else(String::new, |status| status.to_string())),
            StyledText::plain(beyond_status(tracker.reason, tracker.status)),
            StyledText::plain(&tracker.hop.to_string()),
            StyledText::plain(tracker.url),
        ]);
    }
    page.section("", table);
    if page.is_verbose() {
        page.section("documents", chain::of_sources(result));
        page.section("warnings", story::table(&StorySection::warnings(result)));
    }
    page.finish()
}

fn offset(tracker: &DueTracker<'_>) -> String {
    match (tracker.offset_ms, tracker.offset_percent) {
        (Some(millis), _) => format!("{} s", millis as f64 / 1e3),
        (None, Some(percent)) => format!("{percent}%"),
        (None, None) => String::new(),
    }
}
