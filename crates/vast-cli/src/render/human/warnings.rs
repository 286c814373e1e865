//! What was odd about documents.

use vast_client::FetchResult;
use vast_client::report::WarningReport;
use vast_xml::{Warning, WarningCode};

use super::style::{Paint, Piece};
use super::table::{Side, Table};

/// `, damaged` where only a part of the document could be read.
pub(super) fn damage(warnings: &[Warning]) -> &'static str {
    let is_damaged = warnings.iter().any(|warning| warning.code == WarningCode::Damaged);
    if is_damaged { ", damaged" } else { "" }
}

/// A row per warning: `line:column`, kind, words.
pub(super) fn table(warnings: &[Warning]) -> Table {
    let mut table = Table::new([("", Side::Right), ("", Side::Left), ("", Side::Left)]);
    for Warning { code, message, position } in warnings {
        table.row([
            Piece::plain(&format!("{}:{}", position.line, position.column)),
            Piece::new(code.as_str(), Paint::Doubtful),
            Piece::plain(message),
        ]);
    }
    table
}

/// A row per warning about the documents of all sources: source and document, `line:column`, kind, words.
pub(super) fn of_answer(result: &FetchResult) -> Table {
    let columns = [("source", Side::Left), ("hop", Side::Right), ("at", Side::Right), ("kind", Side::Left)];
    let [source, hop, at, kind] = columns;
    let mut table = Table::new([source, hop, at, kind, ("what", Side::Left)]);
    for WarningReport { source, hop, code, message, position } in &result.warnings {
        let at = position.map_or_else(String::new, |position| format!("{}:{}", position.line, position.column));
        table.row([
            Piece::plain(source),
            Piece::plain(&hop.to_string()),
            Piece::plain(&at),
            Piece::new(code, Paint::Doubtful),
            Piece::plain(message),
        ]);
    }
    table
}
