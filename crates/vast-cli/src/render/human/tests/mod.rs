//! Answers and documents as they are printed. The answers are real: the library asks ad servers in memory, on a clock that
//! only moves when everybody waits.

mod documents;
mod requests;
mod servers;

use super::{View, document, playlist, request};

/// The lines of a page, compared with the one on record.
pub(super) fn check(name: &str, page: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, page));
}

/// Nothing on the page can do harm or leave its line.
pub(super) fn check_safe(page: &str, width: usize) {
    for line in page.lines() {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "wider than {width}: {line:?}");
        assert!(!line.chars().any(char::is_control), "control character in {line:?}");
        assert!(!line.contains(['\u{202e}', '\u{200b}', '\u{2066}']), "invisible formatting in {line:?}");
    }
}
