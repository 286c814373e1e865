//! Headings and sentences around results.

use super::style::{Paint, Piece};
use super::text;
use super::view::View;

/// A sentence is not a page.
const MOST_LINES: usize = 12;

/// `text` with a rule behind it, as wide as the line.
pub(crate) fn heading(text: &str, view: View) -> String {
    let piece = Piece::new(text, Paint::Strong);
    let title = text::shorten(piece.text(), view.width.saturating_sub(6));
    let rule = "─".repeat(view.width.saturating_sub(text::width(&title) + 4));
    format!("── {} {rule}", piece.paint().apply(&title, view.colour))
}

/// `text` broken between words.
pub(crate) fn paragraph(text: &str, view: View) -> String {
    Piece::plain(text).lines(view.width, MOST_LINES, view.colour).join("\n")
}
