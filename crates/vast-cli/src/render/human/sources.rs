//! What became of the sources: a row each, in the order in which they stand.

use vast_client::report::SourceReport;
use vast_client::{FetchResult, Outcome, TierKind};

use super::style::{Paint, Piece};
use super::table::{Side, Table};
use super::units;
use super::waterfall::Waterfall;

/// Name, tier where there is more than one, outcome, time, attempts where one was repeated, bar, reason.
pub(super) fn table(result: &FetchResult, width: usize) -> Table {
    let waterfall = Waterfall::new(result.metadata.elapsed, width);
    let heading = waterfall.heading();
    let mut table = Table::new([
        ("source", Side::Left),
        ("tier", Side::Left),
        ("outcome", Side::Left),
        ("time", Side::Right),
        ("tries", Side::Right),
        (heading.as_str(), Side::Left),
        ("reason", Side::Left),
    ]);
    let has_tiers = result.sources.iter().any(|source| source.tier == TierKind::Fallback);
    for source in &result.sources {
        let paint = paint(source.outcome);
        table.row([
            Piece::plain(&source.name),
            Piece::new(if has_tiers { source.tier.as_str() } else { "" }, Paint::Dim),
            Piece::new(&words(source.outcome), paint),
            Piece::plain(&source.elapsed.map_or_else(String::new, units::elapsed)),
            Piece::plain(&tries(source)),
            Piece::new(&waterfall.bar(source), paint),
            Piece::new(source.reason.as_deref().unwrap_or_default(), reason_paint(paint)),
        ]);
    }
    table
}

/// `no ad`, `not started`.
pub(super) fn words(outcome: Outcome) -> String {
    outcome.as_str().replace('_', " ")
}

pub(super) fn paint(outcome: Outcome) -> Paint {
    match outcome {
        Outcome::Filled => Paint::Good,
        Outcome::NoAd | Outcome::Rejected => Paint::Doubtful,
        Outcome::Failed => Paint::Bad,
        Outcome::Cancelled | Outcome::Skipped | Outcome::NotStarted => Paint::Dim,
    }
}

/// A reason is read as text; only that of a source which took no part steps back.
fn reason_paint(outcome: Paint) -> Paint {
    if outcome == Paint::Dim { Paint::Dim } else { Paint::Plain }
}

fn tries(source: &SourceReport) -> String {
    if source.attempts > 1 { source.attempts.to_string() } else { String::new() }
}
