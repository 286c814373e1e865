//! The trackers that are due at an event.

use vast_client::wire::{DueTracker, TrackResult};

use super::page::Page;
use super::style::{Paint, Piece};
use super::table::{Side, Table};
use super::units::count;
use super::view::View;

/// The trackers as text for people.
pub(crate) fn due(result: &TrackResult<'_>, view: View) -> String {
    let mut page = Page::new(view);
    let ads = result.trackers.iter().map(|tracker| tracker.ad + 1).max().unwrap_or_default();
    let mut heading = count(result.trackers.len(), "tracker");
    if ads > 1 {
        heading.push_str(&format!(" of {}", count(ads, "ad")));
    }
    page.line(&Piece::new(&heading, Paint::Strong));
    let columns = [("ad", Side::Right), ("event", Side::Left), ("part", Side::Left), ("at", Side::Right)];
    let [ad, event, part, at] = columns;
    let mut table = Table::new([ad, event, part, at, ("state", Side::Left), ("hop", Side::Right), ("URL", Side::Left)]);
    for tracker in &result.trackers {
        let number = if ads > 1 { (tracker.ad + 1).to_string() } else { String::new() };
        table.row([
            Piece::plain(&number),
            Piece::plain(tracker.event),
            Piece::new(tracker.part, Paint::Dim),
            Piece::plain(&offset(tracker)),
            Piece::plain(tracker.state.map_or("", |state| state.as_str())),
            Piece::plain(&tracker.hop.to_string()),
            Piece::plain(tracker.url),
        ]);
    }
    page.section("", table);
    page.finish()
}

fn offset(tracker: &DueTracker<'_>) -> String {
    match (tracker.offset_ms, tracker.offset_percent) {
        (Some(millis), _) => format!("{} s", millis as f64 / 1e3),
        (None, Some(percent)) => format!("{percent}%"),
        (None, None) => String::new(),
    }
}
