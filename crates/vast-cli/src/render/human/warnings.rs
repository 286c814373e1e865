//! Warnings about documents.

use crate::render::layout::{Align, StyledText, TextStyle, TextTable};
use vast_client::FetchResult;
use vast_client::report::WarningReport;
use vast_xml::{Warning, WarningCode};

/// The text `, damaged` if only a part of the document could be read; otherwise empty.
pub(super) fn damage(warnings: &[Warning]) -> &'static str {
    let is_damaged = warnings.iter().any(|warning| warning.code == WarningCode::Damaged);
    if is_damaged { ", damaged" } else { "" }
}

/// A row per warning: `line:column`, code, message.
pub(super) fn table(warnings: &[Warning]) -> TextTable {
    let mut table = TextTable::new([("", Align::Right), ("", Align::Left), ("", Align::Left)]);
    for Warning { code, message, position, .. } in warnings {
        table.row([
            StyledText::plain(&format!("{}:{}", position.line, position.column)),
            StyledText::new(code.as_str(), TextStyle::Warning),
            StyledText::plain(message),
        ]);
    }
    table
}

/// A row per warning about the documents of all sources: source, hop, `line:column`, code, message.
pub(super) fn of_answer(result: &FetchResult) -> TextTable {
    let columns = [("source", Align::Left), ("hop", Align::Right), ("at", Align::Right), ("kind", Align::Left)];
    let [source, hop, at, kind] = columns;
    let mut table = TextTable::new([source, hop, at, kind, ("what", Align::Left)]);
    for WarningReport { source, hop, code, message, position, .. } in &result.warnings {
        let at = position.map_or_else(String::new, |position| format!("{}:{}", position.line, position.column));
        table.row([
            StyledText::plain(source),
            StyledText::plain(&hop.to_string()),
            StyledText::plain(&at),
            StyledText::new(code, TextStyle::Warning),
            StyledText::plain(message),
        ]);
    }
    table
}
