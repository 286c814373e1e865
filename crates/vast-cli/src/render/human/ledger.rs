//! The ledger for people.

use vast_client::track::outbox::{DeliveryState, LedgerRow, OutboxStats, Timestamp};

use super::page::Page;
use super::style::{Paint, Piece};
use super::table::{Side, Table};
use super::units::{away, count};
use super::view::View;

/// Beacons, a line each.
pub(crate) fn ledger(rows: &[LedgerRow], now: Timestamp, view: View) -> String {
    let mut page = Page::new(view);
    let columns = [
        ("number", Side::Right),
        ("event", Side::Left),
        ("state", Side::Left),
        ("tries", Side::Right),
        ("status", Side::Right),
        ("next try", Side::Left),
        ("tracker", Side::Left),
    ];
    let mut table = Table::new(columns);
    for row in rows {
        table.row([
            Piece::plain(&row.id.to_string()),
            Piece::plain(&row.event),
            state(row),
            Piece::plain(&row.attempts.to_string()),
            Piece::plain(&row.last_status.map_or_else(String::new, |status| status.to_string())),
            Piece::plain(&next(row, now)),
            Piece::plain(&row.url),
        ]);
    }
    page.line(&Piece::new(&count(rows.len(), "beacon"), Paint::Strong));
    page.section("", table);
    page.finish()
}

/// One beacon.
pub(crate) fn beacon(row: &LedgerRow, now: Timestamp, view: View) -> String {
    let ago = |time: Option<Timestamp>| time.map(|time| format!("{} ago", away(now.since(time))));
    let left = row.expires_ms.since(now);
    let mut lines = vec![
        ("key", row.key.clone()),
        ("request", row.group.clone()),
        ("event", row.event.clone()),
        ("source", format!("{}, document {}", row.source, row.hop)),
        ("tracker", row.url.clone()),
        ("tries", format!("{}, {} of them in doubt", row.attempts, row.in_doubt)),
        ("last try", ago(row.last_try_ms).unwrap_or_default()),
        ("status", row.last_status.map(|status| status.to_string()).unwrap_or_default()),
        ("error", row.last_error.clone().unwrap_or_default()),
        ("next try", next(row, now)),
        ("happened", ago(Some(row.created_ms)).unwrap_or_default()),
        ("given up", if left.is_zero() { "now".to_owned() } else { format!("in {}", away(left)) }),
        ("consent", row.consent.clone()),
    ];
    lines.extend(row.headers.iter().map(|(name, value)| ("header", format!("{name}: {value}"))));
    if matches!(row.state, DeliveryState::Delivered | DeliveryState::Dead) {
        lines.retain(|(label, _)| *label != "given up");
    }
    let mut page = Page::new(view);
    page.line(&state(row));
    page.section("", labelled(lines));
    page.finish()
}

/// How an outbox stands.
pub(crate) fn stats(stats: &OutboxStats, view: View) -> String {
    let mut lines = vec![
        ("waiting", stats.waiting.to_string()),
        ("in flight", stats.in_flight.to_string()),
        ("bytes of both", stats.bytes.to_string()),
        ("delivered", stats.delivered.to_string()),
        ("dead", stats.dead.to_string()),
        ("keys remembered", stats.keys.to_string()),
    ];
    let more = [("keys forgotten early", stats.keys_forgotten_early), ("unreadable", stats.unreadable)];
    lines.extend(more.into_iter().filter(|(_, number)| *number > 0).map(|(label, number)| (label, number.to_string())));
    if stats.repaired {
        lines.push(("mended", "the last process did not close it".to_owned()));
    }
    lines.extend(stats.set_aside.iter().map(|file| ("set aside", file.clone())));
    lines.extend(stats.problem.iter().map(|problem| ("problem", problem.clone())));
    let mut page = Page::new(view);
    page.section("", labelled(lines));
    page.finish().trim_start_matches('\n').to_owned()
}

fn labelled(lines: Vec<(&str, String)>) -> Table {
    let mut table = Table::new([("", Side::Left), ("", Side::Left)]);
    for (label, value) in lines.into_iter().filter(|(_, value)| !value.is_empty()) {
        table.row([Piece::new(label, Paint::Dim), Piece::plain(&value)]);
    }
    table
}

fn state(row: &LedgerRow) -> Piece {
    let reason = row.reason.map(|reason| format!(" ({})", reason.as_str())).unwrap_or_default();
    let paint = match row.state {
        DeliveryState::Delivered => Paint::Good,
        DeliveryState::Dead => Paint::Bad,
        _ => Paint::Doubtful,
    };
    Piece::new(&format!("{}{reason}", row.state.as_str()), paint)
}

fn next(row: &LedgerRow, now: Timestamp) -> String {
    match row.next_try_ms {
        None => String::new(),
        Some(at) if at <= now => "due".to_owned(),
        Some(at) => format!("in {}", away(at.since(now))),
    }
}
