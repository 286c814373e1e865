//! The breaks of a playlist (VMAP) as a timeline.

use std::collections::BTreeMap;
use std::time::Duration;

use vast_client::ErrorType;
use vast_client::journal::{EndReason, SkipReason};
use vast_client::report::{BreakResult, Schedule};
use vast_xml::vmap::TimeOffset;

use super::sources::FLAGS;
use super::units::{count, elapsed, length};
use super::{ad, sources};
use crate::render::layout::{Align, Page, StyledText, TextStyle, TextTable};

/// How many rows are shown without `--verbose`.
const MOST_ROWS: usize = 60;

/// The breaks in order of time: when each is due, how it ended, its ads. With `--verbose` the ads of each break follow.
pub(super) fn write(page: &mut Page, schedule: &Schedule) {
    let mut breaks: Vec<&BreakResult> = asked(schedule).collect();
    // Stable: breaks at the same time play in document order.
    breaks.sort_by_key(|one| place(one.ad_break.time_offset));
    let (shown, hidden) = breaks.split_at(if page.is_verbose() { breaks.len() } else { breaks.len().min(MOST_ROWS) });
    page.section("", table(shown));
    if !hidden.is_empty() {
        let text = format!("and {}; -v lists all", count(hidden.len(), "more break"));
        page.line(&StyledText::new(&text, TextStyle::Secondary));
        for text in limits(hidden) {
            page.line(&StyledText::new(&text, TextStyle::Warning));
        }
    }
    let others = schedule.breaks.len() - breaks.len();
    if others > 0 {
        let text = format!("{}: not asked for", count(others, "other break"));
        page.line(&StyledText::new(&text, TextStyle::Secondary));
    }
    if !page.is_verbose() {
        return;
    }
    for one in breaks.into_iter().filter(|one| one.success()) {
        page.blank();
        let name = one.ad_break.break_id.as_deref().map_or_else(String::new, |id| format!(" {id}"));
        page.line(&StyledText::new(&format!("break{name} at {}", when(one)), TextStyle::Heading));
        let is_pod = one.ads().len() > 1;
        for (index, candidate) in one.ads().iter().enumerate() {
            ad::write(page, candidate, is_pod.then_some(index + 1));
        }
    }
}

/// The breaks without those that are left out because the request asks for another one.
fn asked(schedule: &Schedule) -> impl Iterator<Item = &BreakResult> {
    let is_other = |one: &&BreakResult| matches!(one.reason, Some(EndReason::Skipped(SkipReason::OtherBreak)));
    schedule.breaks.iter().filter(move |one| !is_other(one))
}

/// The limits because of which breaks have no ad, each with the number of its breaks and the flag that raises it.
fn limits(breaks: &[&BreakResult]) -> Vec<String> {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for reason in breaks.iter().filter_map(|one| one.reason.as_ref()) {
        let is_limit = match reason {
            EndReason::Failure(failure) => failure.error_type == ErrorType::Limit,
            reason => *reason == EndReason::Skipped(SkipReason::MaxBreaks),
        };
        if is_limit {
            *reasons.entry(FLAGS.in_text(&reason.to_string())).or_default() += 1;
        }
    }
    let line = |(reason, number): (String, usize)| format!("{number} of them: {reason}");
    reasons.into_iter().map(line).collect()
}

/// Describes all breaks, for example `: 3 of 5 breaks, 4 ads, 60 s`.
pub(super) fn summary(schedule: &Schedule) -> String {
    let filled = schedule.breaks.iter().filter(|one| one.success()).count();
    let ads = schedule.breaks.iter().map(|one| one.ads().len()).sum();
    let total = schedule.breaks.iter().map(BreakResult::duration).sum();
    let breaks = count(asked(schedule).count(), "break");
    format!(": {filled} of {breaks}, {}, {}", count(ads, "ad"), length(total))
}

/// A row per break: when, id, outcome, ads, time, reason.
fn table(breaks: &[&BreakResult]) -> TextTable {
    let left = Align::Left;
    let columns = [("when", left), ("break", left), ("outcome", left), ("ads", left), ("time", Align::Right)];
    let [when_column, id, outcome, ads, time] = columns;
    let mut table = TextTable::new([when_column, id, outcome, ads, time, ("reason", left)]);
    for one in breaks {
        let style = sources::style(one.outcome);
        let time = one.answer.as_ref().map(|answer| elapsed(answer.metadata.elapsed));
        table.row([
            StyledText::plain(&when(one)),
            StyledText::plain(one.ad_break.break_id.as_deref().unwrap_or_default()),
            StyledText::new(&sources::words(one.outcome), style),
            StyledText::plain(&played(one)),
            StyledText::plain(&time.unwrap_or_default()),
            StyledText::plain(
                &one.reason.as_ref().map_or_else(String::new, |reason| FLAGS.in_text(&reason.to_string())),
            ),
        ]);
    }
    table
}

/// Describes when a break plays, for example `00:10:00, every 00:05:00`.
fn when(one: &BreakResult) -> String {
    let offset = one.ad_break.time_offset.map_or_else(|| "never".to_owned(), |offset| offset.to_string());
    match one.ad_break.repeat_after {
        Some(every) => format!("{offset}, every {}", TimeOffset::Time(every)),
        None => offset,
    }
}

fn played(one: &BreakResult) -> String {
    let ads = one.ads();
    if ads.is_empty() { String::new() } else { format!("{}, {}", count(ads.len(), "ad"), length(one.duration())) }
}

/// The place of an offset in the timeline. The length of the content is not known, so shares of it come after all times, and the
/// opportunities of live content after them.
fn place(offset: Option<TimeOffset>) -> (u8, Duration) {
    match offset {
        Some(TimeOffset::Start) => (0, Duration::ZERO),
        Some(TimeOffset::Time(time)) => (0, time),
        Some(TimeOffset::Percent(percent)) => (1, percent.of(Duration::from_secs(100))),
        Some(TimeOffset::Position(number)) => (2, Duration::from_secs(number.get().into())),
        Some(TimeOffset::End) => (3, Duration::ZERO),
        None => (4, Duration::ZERO),
    }
}
