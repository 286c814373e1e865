//! The chain of documents that led to an ad, as a tree.

use vast_client::ad::{Contribution, Level, ResolvedAd};

use super::units::count;
use super::{media, units};
use crate::render::layout::{Align, StyledText, TextStyle, TextTable};

/// A row per document: its number and ad system, version, HTTP status, time, URL; below it the trackers that it adds.
pub(super) fn table(ad: &ResolvedAd) -> TextTable {
    let left = ("", Align::Left);
    let mut table = TextTable::new([left, left, left, ("", Align::Right), left]);
    for (depth, level) in ad.levels().enumerate() {
        let document = level.document;
        table.row([
            StyledText::plain(&label(depth, &level)),
            StyledText::plain(&document.version.as_ref().map_or_else(String::new, |version| format!("VAST {version}"))),
            StyledText::plain(&document.status.map_or_else(String::new, |status| status.to_string())),
            StyledText::plain(&units::elapsed(document.elapsed)),
            StyledText::new(&document.url, TextStyle::Secondary),
        ]);
        let contributed = contributed(level.contribution());
        if !contributed.is_empty() {
            table.row(["", "calls", "", "", &contributed].map(StyledText::plain));
        }
    }
    table
}

fn label(depth: usize, level: &Level<'_>) -> String {
    let hop = level.hop();
    let system = level.ad_system.and_then(media::system).unwrap_or_else(|| "no ad system".to_owned());
    match depth.checked_sub(1) {
        None => format!("{hop} {system}"),
        Some(indent) => format!("{}└ {hop} {system}", "  ".repeat(indent)),
    }
}

/// `1 impression, 3 events, 2 others`; empty for a document without trackers.
fn contributed(level: Contribution) -> String {
    let events = level.linear_events + level.non_linear_events;
    let clicks = level.linear_clicks + level.non_linear_clicks;
    let others = level.total() - level.impressions - events - clicks - level.errors;
    let parts = [
        (level.impressions, "impression"),
        (events, "event"),
        (clicks, "click"),
        (level.errors, "error URL"),
        (others, "other"),
    ];
    let parts: Vec<_> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, one)| count(*number, one)).collect();
    parts.join(", ")
}
