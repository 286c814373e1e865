//! Warnings about documents.

use crate::render::layout::{Align, StyledText, TextStyle, TextTable};
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
