//! Results and documents as they are printed. The results come from real requests to ad servers in memory on a paused clock.

mod ad_servers;
mod documents;
mod requests;

use super::{document, playlist, request, story};
use crate::render::layout::HumanOptions;

/// Compares a page with its snapshot.
pub(super) fn check(name: &str, page: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, page));
}

/// Checks that the page has no unsafe characters and no line wider than `width`.
pub(super) fn check_safe(page: &str, width: usize) {
    for line in page.lines() {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "wider than {width}: {line:?}");
        assert!(!line.chars().any(char::is_control), "control character in {line:?}");
        assert!(!line.contains(['\u{202e}', '\u{200b}', '\u{2066}']), "invisible formatting in {line:?}");
    }
}
