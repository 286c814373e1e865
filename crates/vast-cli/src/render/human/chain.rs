//! The chain of documents that led to an ad, and the documents of every source, as trees.

use vast_client::FetchResult;
use vast_client::ad::{Contribution, Level, ResolvedAd};
use vast_client::journal::DocumentInfo;
use vast_client::report::SourceReport;

use super::units::count;
use super::{media, sources, units};
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

/// A row per document that was requested: source or tree position with the ad system of its wrapper, outcome, version, HTTP
/// status, time, URL.
pub(super) fn of_sources(result: &FetchResult) -> TextTable {
    let left = Align::Left;
    let columns = [("source and chain", left), ("outcome", left), ("version", left), ("status", Align::Right)];
    let [chain, outcome, version, status] = columns;
    let mut table = TextTable::new([chain, outcome, version, status, ("time", Align::Right), ("URL", left)]);
    for source in result.sources.iter().filter(|source| source.began.is_some()) {
        source_rows(source, &mut table);
    }
    table
}

fn source_rows(source: &SourceReport, table: &mut TextTable) {
    let status = source.status.map_or_else(String::new, |status| status.to_string());
    // The time of a source includes its wrappers, so it is that of its own document only without them.
    let time = source.elapsed.filter(|_| source.hops.is_empty()).map_or_else(String::new, units::elapsed);
    let outcome = if source.hops.is_empty() { sources::words(source.outcome) } else { "followed".to_owned() };
    let label = format!("{} 0", source.name);
    table.row([
        StyledText::plain(&label),
        StyledText::plain(&outcome),
        StyledText::default(),
        StyledText::plain(&status),
        StyledText::plain(&time),
        StyledText::new(&source.url, TextStyle::Secondary),
    ]);
    hop_rows(source, 0, 0, table);
}

/// The documents that the wrappers of document `parent` led to, each followed by its own ones.
fn hop_rows(source: &SourceReport, parent: u32, depth: usize, table: &mut TextTable) {
    for hop in source.hops.iter().filter(|hop| hop.parent == Some(parent) && hop.hop > parent) {
        let DocumentInfo { hop: number, ad_system, outcome, version, status, elapsed, url, .. } = hop;
        let system = ad_system.as_deref().filter(|system| !system.is_empty()).unwrap_or("no ad system");
        let version = version.as_ref().map_or_else(String::new, |version| format!("VAST {version}"));
        table.row([
            StyledText::plain(&format!("{}└ {number} through {system}", "  ".repeat(depth))),
            StyledText::new(&sources::words(*outcome), sources::style(*outcome)),
            StyledText::plain(&version),
            StyledText::plain(&status.map_or_else(String::new, |status| status.to_string())),
            StyledText::plain(&units::elapsed(*elapsed)),
            StyledText::new(url, TextStyle::Secondary),
        ]);
        hop_rows(source, *number, depth + 1, table);
    }
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
