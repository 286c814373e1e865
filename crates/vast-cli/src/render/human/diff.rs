//! What differs between two documents.

use vast_explain::DocumentDifference;

use super::units::count;
use crate::render::layout::{Align, HumanOptions, Page, StyledText, TextStyle, TextTable};

/// The differences between the documents `a` and `b` as a table: `-` has the value of `a`, `+` that of `b`.
pub(crate) fn differences(a: &str, b: &str, differences: &[DocumentDifference], options: HumanOptions) -> String {
    let mut page = Page::new(options);
    if differences.is_empty() {
        page.line(&StyledText::new(&format!("✓ no differences between {a} and {b}"), TextStyle::Success));
        return page.finish();
    }
    page.line(&StyledText::new(&count(differences.len(), "difference"), TextStyle::Heading));
    page.line(&StyledText::new(&format!("- {a}"), TextStyle::Failure));
    page.line(&StyledText::new(&format!("+ {b}"), TextStyle::Success));
    page.section("", table(differences));
    page.finish()
}

fn table(differences: &[DocumentDifference]) -> TextTable {
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
