//! What was odd about a document.

use vast_xml::Warning;

use super::style::{Paint, Piece};
use super::table::{Side, Table};

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
