//! The chain of documents that led to an ad, and the documents of every source, as trees.

use vast_client::ad::{Contribution, Level, ResolvedAd};
use vast_client::journal::{DocumentInfo, WrapperInfo};
use vast_client::report::SourceReport;
use vast_client::transport::RedirectStep;
use vast_client::{FetchResult, Outcome};

use super::units::count;
use super::{media, sources, units};
use crate::render::layout::{Align, StyledText, TextStyle, TextTable};

/// A row per document: its number and ad system, version, HTTP status, time, URL; above it the redirects that led to it, and
/// below it the trackers that it adds.
pub(super) fn table(ad: &ResolvedAd) -> TextTable {
    let left = ("", Align::Left);
    let mut table = TextTable::new([left, left, left, ("", Align::Right), left]);
    for (depth, level) in ad.levels().enumerate() {
        let document = level.document;
        for step in &document.redirects {
            let [status, url] = redirect(step);
            table.row([StyledText::plain("redirect"), StyledText::default(), status, StyledText::default(), url]);
        }
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

/// A row per document that was requested: source or tree position with the ad system of its wrapper, outcome, version,
/// HTTP status, time, URL. Above a document are the redirects that led to it. If the source gave no ad, the wrappers
/// that were read before the chain broke are below it.
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
    // The time of a source includes its wrappers. It is the time of its own document only if there are no wrappers.
    let time = source.elapsed.filter(|_| source.hops.is_empty()).map_or_else(String::new, units::elapsed);
    let outcome = if source.hops.is_empty() { sources::words(source.outcome) } else { "followed".to_owned() };
    let label = format!("{} 0", source.name);
    redirect_rows(&source.redirects, 0, table);
    table.row([
        StyledText::plain(&label),
        StyledText::plain(&outcome),
        StyledText::default(),
        StyledText::plain(&status),
        StyledText::plain(&time),
        StyledText::new(&source.url, TextStyle::Secondary),
    ]);
    wrapper_rows(source, 0, 0, table);
    hop_rows(source, 0, 0, table);
}

/// The documents that the wrappers of document `parent` led to. After each document come the documents that its own
/// wrappers led to.
fn hop_rows(source: &SourceReport, parent: u32, depth: usize, table: &mut TextTable) {
    for hop in source.hops.iter().filter(|hop| hop.parent == Some(parent) && hop.hop > parent) {
        let DocumentInfo { hop: number, ad_system, outcome, version, status, redirects, elapsed, url, .. } = &**hop;
        let system = ad_system.as_deref().filter(|system| !system.is_empty()).unwrap_or("no ad system");
        let version = version.as_ref().map_or_else(String::new, |version| format!("VAST {version}"));
        let is_followed = source.hops.iter().any(|next| next.parent == Some(*number));
        let (words, style) = match is_followed {
            true => ("followed".to_owned(), TextStyle::Plain),
            false => (sources::words(*outcome), sources::style(*outcome)),
        };
        redirect_rows(redirects, depth, table);
        table.row([
            StyledText::plain(&format!("{}└ {number} through {system}", "  ".repeat(depth))),
            StyledText::new(&words, style),
            StyledText::plain(&version),
            StyledText::plain(&status.map_or_else(String::new, |status| status.to_string())),
            StyledText::plain(&units::elapsed(*elapsed)),
            StyledText::new(url, TextStyle::Secondary),
        ]);
        wrapper_rows(source, *number, depth + 1, table);
        hop_rows(source, *number, depth + 1, table);
    }
}

fn redirect_rows(redirects: &[RedirectStep], depth: usize, table: &mut TextTable) {
    for step in redirects {
        let [status, url] = redirect(step);
        let label = StyledText::plain(&format!("{}redirect", "  ".repeat(depth)));
        table.row([label, StyledText::default(), StyledText::default(), status, StyledText::default(), url]);
    }
}

/// The status and the URL that was requested.
fn redirect(step: &RedirectStep) -> [StyledText; 2] {
    [StyledText::plain(&step.status.to_string()), StyledText::new(&step.url, TextStyle::Secondary)]
}

/// The wrappers of document `hop` of a source that gave no ad. (An ad's own table shows the wrappers above it.)
fn wrapper_rows(source: &SourceReport, hop: u32, depth: usize, table: &mut TextTable) {
    let is_filled = source.outcome == Outcome::Filled;
    for wrapper in source.wrappers.iter().filter(|wrapper| wrapper.hop == hop && !is_filled) {
        let none = StyledText::default;
        let label = StyledText::plain(&format!("{}wrapper", "  ".repeat(depth)));
        table.row([label, none(), none(), none(), none(), StyledText::plain(&read(wrapper))]);
    }
}

/// Describes a wrapper, for example `AdSystem "ad id": 2 impressions, 1 error URL`.
fn read(wrapper: &WrapperInfo) -> String {
    let system = wrapper.ad_system.as_deref().filter(|system| !system.is_empty()).unwrap_or("no ad system");
    let id = wrapper.ad_id.as_deref().map_or_else(String::new, |id| format!(" \"{id}\""));
    let parts = [(wrapper.impressions, "impression"), (wrapper.error_urls.len(), "error URL")];
    format!("{system}{id}: {}", parts.map(|(number, one)| count(number, one)).join(", "))
}

fn label(depth: usize, level: &Level<'_>) -> String {
    let hop = level.hop();
    let system = level.ad_system.and_then(media::system).unwrap_or_else(|| "no ad system".to_owned());
    match depth.checked_sub(1) {
        None => format!("{hop} {system}"),
        Some(indent) => format!("{}└ {hop} {system}", "  ".repeat(indent)),
    }
}

/// The trackers that a document adds, for example `1 impression, 3 events, 2 others`; empty for a document without
/// trackers.
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
