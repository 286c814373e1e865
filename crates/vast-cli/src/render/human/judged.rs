//! The ads that were judged.

use vast_client::report::{CandidateReport, CandidateVerdict};
use vast_client::select::DisplacedBy;

use crate::render::layout::{Align, StyledText, TextStyle, TextTable};

/// A row per ad: source, hop, id, verdict, the ad that was taken instead, the error code that is reported, reason.
pub(super) fn table<'a>(candidates: impl IntoIterator<Item = &'a CandidateReport>) -> TextTable {
    let places = [("source", Align::Left), ("hop", Align::Right), ("ad", Align::Left)];
    let verdicts = [("verdict", Align::Left), ("lost to", Align::Left), ("VAST", Align::Right)];
    let ([source, hop, id], [verdict, displacer, code]) = (places, verdicts);
    let mut table = TextTable::new([source, hop, id, verdict, displacer, code, ("reason", Align::Left)]);
    for report in candidates {
        let rejection = report.rejection.as_ref();
        let by = rejection.and_then(|rejection| rejection.displaced_by.as_ref());
        table.row([
            StyledText::plain(&report.source),
            StyledText::plain(&report.hop.to_string()),
            StyledText::plain(report.ad_id.as_deref().unwrap_or("no id")),
            StyledText::new(&report.verdict.as_str().replace('_', " "), style(report.verdict)),
            StyledText::plain(&by.map_or_else(String::new, displaced)),
            StyledText::plain(&report.vast_error_code.map_or_else(String::new, |code| code.to_string())),
            StyledText::plain(rejection.map_or("", |rejection| &rejection.message)),
        ]);
    }
    table
}

/// The position in the answer and the source, for example `2 (west)`.
fn displaced(by: &DisplacedBy) -> String {
    format!("{} ({})", by.position, by.source)
}

fn style(verdict: CandidateVerdict) -> TextStyle {
    match verdict {
        CandidateVerdict::Kept => TextStyle::Success,
        CandidateVerdict::PassedOver => TextStyle::Secondary,
        CandidateVerdict::Rejected => TextStyle::Warning,
    }
}
