//! Many recorded requests beside their replays.

use vast_client::replay::{AnswerNumbers, Comparison, DifferingRequest, ShortAnswer};
use vast_client::wire::FailedReplay;

use super::units::{count, elapsed};
use crate::render::layout::{Align, HumanOptions, Page, StyledText, TextStyle, TextTable};

/// How many requests that differ are listed without `--verbose`.
const SHOWN: usize = 20;

/// The comparison as text for people.
pub(crate) fn comparison(comparison: &Comparison, failed: &[FailedReplay<'_>], options: HumanOptions) -> String {
    let mut page = Page::new(options);
    let (then, now) = (comparison.then(), comparison.now());
    page.line(&verdict(comparison, &now));
    page.section("", sums(&then, &now));
    page.section("winners", winners(&then, &now));
    let shown = if options.verbose { usize::MAX } else { SHOWN };
    page.section("requests that differ", differing(comparison.differing(), shown));
    let hidden = comparison.differing().len().saturating_sub(shown);
    if hidden > 0 {
        page.line(&StyledText::new(&format!("and {hidden} more: see --verbose"), TextStyle::Secondary));
    }
    page.section("not replayed", failures(failed));
    page.finish()
}

/// The first line, for example `200 recordings: 12 are answered in another way, 3 are undecidable`.
fn verdict(comparison: &Comparison, now: &AnswerNumbers) -> StyledText {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let (differing, undecidable) = (comparison.differing().len(), number(comparison.undecidable()));
    let different = match differing.saturating_sub(undecidable) {
        0 => "none is answered in another way".to_owned(),
        1 => "1 is answered in another way".to_owned(),
        many => format!("{many} are answered in another way"),
    };
    let open = match undecidable {
        0 => String::new(),
        1 => ", 1 is undecidable".to_owned(),
        many => format!(", {many} are undecidable"),
    };
    let style = if differing == 0 { TextStyle::Success } else { TextStyle::Warning };
    StyledText::new(&format!("{}: {different}{open}", count(number(now.requests), "recording")), style)
}

fn sums(then: &AnswerNumbers, now: &AnswerNumbers) -> TextTable {
    let mut table = TextTable::new([
        ("", Align::Left),
        ("filled", Align::Right),
        ("fill rate", Align::Right),
        ("median", Align::Right),
        ("95 %", Align::Right),
        ("longest", Align::Right),
    ]);
    for (name, side) in [("then", then), ("now", now)] {
        let time = |time: Option<_>| StyledText::plain(&time.map_or_else(String::new, elapsed));
        table.row([
            StyledText::plain(name),
            StyledText::plain(&side.filled.to_string()),
            StyledText::plain(&format!("{:.1} %", side.fill_rate() * 100.0)),
            time(side.latency.quantile(0.5)),
            time(side.latency.quantile(0.95)),
            time(side.latency.max()),
        ]);
    }
    table
}

fn winners(then: &AnswerNumbers, now: &AnswerNumbers) -> TextTable {
    let mut table = TextTable::new([("source", Align::Left), ("then", Align::Right), ("now", Align::Right)]);
    let mut names: Vec<_> = then.winners.keys().chain(now.winners.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let wins = |side: &AnswerNumbers| StyledText::plain(&side.winners.get(name).unwrap_or(&0).to_string());
        table.row([StyledText::plain(name), wins(then), wins(now)]);
    }
    table
}

fn differing(requests: &[DifferingRequest], most: usize) -> TextTable {
    let mut table = TextTable::new([
        ("then", Align::Left),
        ("", Align::Right),
        ("now", Align::Left),
        ("", Align::Right),
        ("", Align::Left),
        ("recording", Align::Left),
    ]);
    for request in requests.iter().take(most) {
        let open = if request.is_undecidable { "undecidable" } else { "" };
        table.row([
            winner(&request.then),
            StyledText::plain(&elapsed(request.then.elapsed)),
            winner(&request.now),
            StyledText::plain(&elapsed(request.now.elapsed)),
            StyledText::new(open, TextStyle::Warning),
            StyledText::plain(&request.recording),
        ]);
    }
    table
}

fn winner(answer: &ShortAnswer) -> StyledText {
    match &answer.source {
        Some(source) => StyledText::plain(source),
        None => StyledText::new("no ad", TextStyle::Secondary),
    }
}

fn failures(failed: &[FailedReplay<'_>]) -> TextTable {
    let mut table = TextTable::new([("recording", Align::Left), ("problem", Align::Left)]);
    for one in failed {
        table.row([StyledText::plain(one.recording), StyledText::new(one.error, TextStyle::Failure)]);
    }
    table
}
