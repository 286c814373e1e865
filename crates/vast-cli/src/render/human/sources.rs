//! The sources of a request, a row each in listed order.

use vast_client::report::SourceReport;
use vast_client::{FetchResult, Outcome, TierKind};

use super::units;
use super::waterfall::Waterfall;
use crate::flag_names::FlagNames;
use crate::render::layout::{Align, StyledText, TextStyle, TextTable};

/// The flags that messages about a request name.
pub(super) const FLAGS: FlagNames = FlagNames::of("request");

/// A row per source: name, tier if there are fallbacks, outcome, time, tries if more than one, bar, reason.
pub(super) fn table(result: &FetchResult, width: usize) -> TextTable {
    let waterfall = Waterfall::new(result.metadata.elapsed, width);
    let heading = waterfall.heading();
    let mut table = TextTable::new([
        ("source", Align::Left),
        ("tier", Align::Left),
        ("outcome", Align::Left),
        ("time", Align::Right),
        ("tries", Align::Right),
        (heading.as_str(), Align::Left),
        ("reason", Align::Left),
    ]);
    let has_tiers = result.sources.iter().any(|source| source.tier == TierKind::Fallback);
    for source in &result.sources {
        let style = style(source.outcome);
        table.row([
            StyledText::plain(&source.name),
            StyledText::new(if has_tiers { source.tier.as_str() } else { "" }, TextStyle::Secondary),
            StyledText::new(&words(source.outcome), style),
            StyledText::plain(&source.elapsed.map_or_else(String::new, units::elapsed)),
            StyledText::plain(&tries(source)),
            StyledText::new(&waterfall.bar(source), style),
            StyledText::new(&reason(source), reason_style(style)),
        ]);
    }
    table
}

/// The text of a reason; empty for a source with an ad.
pub(super) fn reason(source: &SourceReport) -> String {
    source.reason.as_ref().map_or_else(String::new, |reason| FLAGS.in_text(&reason.to_string()))
}

/// Whether the table has bars.
pub(super) fn has_bars(result: &FetchResult, width: usize) -> bool {
    !Waterfall::new(result.metadata.elapsed, width).heading().is_empty()
}

/// An outcome as words, for example `no ad` or `not started`.
pub(super) fn words(outcome: Outcome) -> String {
    outcome.as_str().replace('_', " ")
}

pub(super) fn style(outcome: Outcome) -> TextStyle {
    match outcome {
        Outcome::Filled => TextStyle::Success,
        Outcome::NoAd | Outcome::Rejected => TextStyle::Warning,
        Outcome::Failed => TextStyle::Failure,
        Outcome::Cancelled | Outcome::Skipped | Outcome::NotStarted => TextStyle::Secondary,
    }
}

/// The style of a reason: secondary for a source that was not asked or whose lane was cut.
fn reason_style(outcome: TextStyle) -> TextStyle {
    if outcome == TextStyle::Secondary { TextStyle::Secondary } else { TextStyle::Plain }
}

/// The number of attempts if there were several; `cached` where none was needed.
fn tries(source: &SourceReport) -> String {
    if source.from_cache {
        return "cached".to_owned();
    }
    if source.attempts > 1 { source.attempts.to_string() } else { String::new() }
}
