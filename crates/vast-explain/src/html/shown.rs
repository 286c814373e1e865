//! Text of strangers in a page.

use std::borrow::Cow;
use std::fmt::Write as _;

use maud::{Escaper, Render};

use crate::sanitize;

/// The longest value that a page shows, in bytes.
const MOST: usize = 16 << 10;

/// Text in a page: never markup, and without characters that reorder or hide other text.
pub(super) struct PageText<'a>(&'a str);

/// `text` as text of a page. A very long text is cut.
pub(super) fn shown(text: &str) -> PageText<'_> {
    PageText(text)
}

impl Render for PageText<'_> {
    fn render_to(&self, page: &mut String) {
        let safe = sanitize(&cut(self.0, MOST));
        // Writing to a string cannot fail.
        let _ = Escaper::new(page).write_str(&safe);
    }
}

/// The first `most` bytes of `text`, followed by a note if that is not the whole text.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    Cow::Owned(format!("{} ... (cut: {} bytes in all)", &text[..end], text.len()))
}
