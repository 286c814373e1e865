//! The documents on the way to an ad, as a tree.

use vast_client::ad::{Contribution, Level, ResolvedAd};

use super::style::{Paint, Piece};
use super::table::{Side, Table};
use super::units::count;
use super::{media, units};

/// One row per document: its number and ad system, version, status, time, URL; below it what it has to call.
pub(super) fn table(ad: &ResolvedAd) -> Table {
    let left = ("", Side::Left);
    let mut table = Table::new([left, left, left, ("", Side::Right), left]);
    for (depth, level) in ad.levels().enumerate() {
        let document = level.document;
        table.row([
            Piece::plain(&label(depth, &level)),
            Piece::plain(&document.version.as_ref().map_or_else(String::new, |version| format!("VAST {version}"))),
            Piece::plain(&document.status.map_or_else(String::new, |status| status.to_string())),
            Piece::plain(&units::elapsed(document.elapsed)),
            Piece::new(&document.url, Paint::Dim),
        ]);
        let contributed = contributed(level.contribution());
        if !contributed.is_empty() {
            table.row(["", "calls", "", "", &contributed].map(Piece::plain));
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

/// `1 impression, 3 events, 2 others`; empty when the level calls nobody.
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
