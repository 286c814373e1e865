//! What differs between two documents, or between the answers to two requests.

use vast_explain::DiffRow;
use vast_explain::wire::{AnswerSummary, DiffResult};

use super::units::count;
use crate::render::layout::{Align, HumanOptions, Page, StyledText, TextStyle, TextTable};

/// The differences as a table: `-` has the value of the first input, `+` that of the second. Before it, how each request was answered.
pub(crate) fn differences(result: &DiffResult<'_>, options: HumanOptions) -> String {
    let DiffResult { a, b, a_answer, b_answer, differences, .. } = result;
    let mut page = Page::new(options);
    if differences.is_empty() {
        page.line(&StyledText::new(&format!("✓ no differences between {a} and {b}"), TextStyle::Success));
        if let Some(answer) = a_answer {
            page.line(&StyledText::plain(&answered(answer)));
        }
        return page.finish();
    }
    page.line(&StyledText::new(&count(differences.len(), "difference"), TextStyle::Heading));
    for (sign, input, answer, style) in [("-", a, a_answer, TextStyle::Failure), ("+", b, b_answer, TextStyle::Success)]
    {
        page.line(&StyledText::new(&format!("{sign} {input}"), style));
        if let Some(answer) = answer {
            page.line(&StyledText::new(&format!("{sign} {}", answered(answer)), style));
        }
    }
    page.section("", table(differences));
    page.finish()
}

/// Which source won, and how each source ended: `west won; east: no_ad, west: filled`.
fn answered(answer: &AnswerSummary) -> String {
    let winner = answer.winner.as_deref().map_or_else(|| "no source won".to_owned(), |name| format!("{name} won"));
    let sources: Vec<_> = answer.sources.iter().map(|source| format!("{}: {}", source.name, source.outcome)).collect();
    format!("{winner}; {}", sources.join(", "))
}

fn table(differences: &[DiffRow]) -> TextTable {
    let columns =
        [("ad", Align::Left), ("part", Align::Left), ("what", Align::Left), ("", Align::Left), ("value", Align::Left)];
    let mut table = TextTable::new(columns);
    let mut last_ad = None;
    for difference in differences {
        let ad = difference.ad.as_deref().filter(|ad| last_ad != Some(*ad)).unwrap_or_default();
        last_ad = difference.ad.as_deref();
        let mut labels = [ad, difference.part.as_str(), difference.name.as_str()];
        let values = [("-", &difference.a, TextStyle::Failure), ("+", &difference.b, TextStyle::Success)];
        for (sign, value, style) in values {
            let Some(value) = value else { continue };
            let [ad, part, name] = std::mem::take(&mut labels).map(StyledText::plain);
            table.row([ad, part, name, StyledText::new(sign, style), StyledText::new(value, style)]);
        }
    }
    table
}
