//! What is called while a creative is shown.

use vast_xml::model::Tracking;

use super::page::Page;
use super::style::{Paint, Piece};
use super::table::{Side, Table};
use super::tally::Tally;

/// The trackers by event, and with all their URLs when everything is listed.
pub(super) fn trackers<'a>(page: &mut Page, tracking: impl Iterator<Item = &'a Tracking> + Clone, tally: Tally) {
    page.field("trackers", &tally.events(tracking.clone()).shown());
    if !page.is_verbose() {
        return;
    }
    let mut table = Table::new([("", Side::Left), ("", Side::Left)]);
    for Tracking { event, offset, url, .. } in tracking {
        let offset = offset.map_or_else(String::new, |offset| format!(" {offset}"));
        table.row([Piece::new(&format!("{}{offset}", event.raw()), Paint::Dim), Piece::plain(url)]);
    }
    page.table("", table);
}
