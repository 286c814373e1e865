//! The beacons of an outbox.

use vast_client::track::outbox::{DeliveryState, LedgerRow, OutboxStats, Timestamp};

use super::units::{away, count};
use crate::render::layout::{Align, HumanOptions, Page, StyledText, TextStyle, TextTable};

/// Beacons, a line each.
pub(crate) fn beacons(rows: &[LedgerRow], now: Timestamp, options: HumanOptions) -> String {
    let mut page = Page::new(options);
    let columns = [
        ("number", Align::Right),
        ("event", Align::Left),
        ("state", Align::Left),
        ("tries", Align::Right),
        ("status", Align::Right),
        ("next try", Align::Left),
        ("tracker", Align::Left),
    ];
    let mut table = TextTable::new(columns);
    for row in rows {
        table.row([
            StyledText::plain(&row.id.to_string()),
            StyledText::plain(&row.event),
            state(row),
            StyledText::plain(&row.attempts.to_string()),
            StyledText::plain(&row.last_status.map_or_else(String::new, |status| status.to_string())),
            StyledText::plain(&next(row, now)),
            StyledText::plain(&row.url),
        ]);
    }
    page.line(&StyledText::new(&count(rows.len(), "beacon"), TextStyle::Heading));
    page.section("", table);
    page.finish()
}

/// One beacon.
pub(crate) fn beacon(row: &LedgerRow, now: Timestamp, options: HumanOptions) -> String {
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
    let mut page = Page::new(options);
    page.line(&state(row));
    page.section("", labelled(lines));
    page.finish()
}

/// The numbers of beacons by state, and the condition of the file.
pub(crate) fn stats(stats: &OutboxStats, options: HumanOptions) -> String {
    let mut lines = vec![
        ("waiting", stats.waiting.to_string()),
        ("in flight", stats.in_flight.to_string()),
        ("bytes of both", stats.bytes.to_string()),
        ("delivered", stats.delivered.to_string()),
        ("dead", stats.dead.to_string()),
        ("keys remembered", stats.keys.to_string()),
        ("format", stats.format.to_string()),
    ];
    let more = [("keys forgotten early", stats.keys_forgotten_early), ("unreadable", stats.unreadable)];
    lines.extend(more.into_iter().filter(|(_, number)| *number > 0).map(|(label, number)| (label, number.to_string())));
    if stats.repaired {
        lines.push(("repaired", "the last process did not close the file".to_owned()));
    }
    lines.extend(stats.set_aside.iter().map(|file| ("renamed earlier", file.clone())));
    lines.extend(stats.problem.iter().map(|problem| ("problem", problem.clone())));
    let mut page = Page::new(options);
    page.section("", labelled(lines));
    page.finish().trim_start_matches('\n').to_owned()
}

fn labelled(lines: Vec<(&str, String)>) -> TextTable {
    let mut table = TextTable::new([("", Align::Left), ("", Align::Left)]);
    for (label, value) in lines.into_iter().filter(|(_, value)| !value.is_empty()) {
        table.row([StyledText::new(label, TextStyle::Secondary), StyledText::plain(&value)]);
    }
    table
}

fn state(row: &LedgerRow) -> StyledText {
    let reason = row.reason.map(|reason| format!(" ({})", reason.as_str())).unwrap_or_default();
    let style = match row.state {
        DeliveryState::Delivered => TextStyle::Success,
        DeliveryState::Dead => TextStyle::Failure,
        _ => TextStyle::Warning,
    };
    StyledText::new(&format!("{}{reason}", row.state.as_str()), style)
}

fn next(row: &LedgerRow, now: Timestamp) -> String {
    match row.next_try_ms {
        None => String::new(),
        Some(at) if at <= now => "due".to_owned(),
        Some(at) => format!("in {}", away(at.since(now))),
    }
}
