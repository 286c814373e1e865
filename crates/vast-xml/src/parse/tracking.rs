//! `TrackingEvents` (VAST 4.3, section 3.14).

use super::link::{id_attribute, urls};
use super::unknown::{container, keep_unusable, unknown};
use crate::attributes::{self, keep};
use crate::edition::Unit;
use crate::model::{Click, Event, Extra, Offset, Tracking};
use crate::scalar;
use crate::xml::{Cursor, Key, Name, Parsed, RawAttribute, clipped};
use crate::{Text, WarningCode};

pub(super) fn tracking_events(
    cursor: &mut Cursor<'_>,
    unit: Unit,
    into: &mut Vec<Tracking>,
    extra: &mut Extra,
) -> Parsed<()> {
    container(cursor, extra, |cursor, child, rest| match child {
        Name::Tracking => tracking(cursor, unit, into, rest),
        _ => unknown(cursor, rest),
    })
}

/// Reads one `Tracking`: one tracker, or in VAST 1.0 one for each of its URLs.
fn tracking(cursor: &mut Cursor<'_>, unit: Unit, into: &mut Vec<Tracking>, rest: &mut Extra) -> Parsed<()> {
    let start = cursor.tag_start();
    let mut event = None;
    let mut offset = None;
    let mut click = Click::default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Event => event = self::event(cursor, &attribute, unit)?,
            Key::Offset => offset = attributes::scalar(cursor, &attribute, &mut click.extra, scalar::offset)?,
            _ => keep(cursor, &attribute, &mut click.extra)?,
        }
    }
    if event.is_none() {
        cursor.warn(WarningCode::MissingAttribute, "<Tracking> without @event")?;
    }
    let event = event.unwrap_or_else(|| Event::Other(Text::default()));
    if event == Event::Progress && offset.is_none() {
        return never(cursor, start, rest);
    }
    urls(cursor, click, usize::MAX, rest, &mut |cursor, click| {
        cursor.count_tracker()?;
        into.push(tracker(event.clone(), offset, click));
        Ok(())
    })
}

fn tracker(event: Event, offset: Option<Offset>, click: Click) -> Tracking {
    let Click { url, id, mut extra } = click;
    if let Some(id) = id {
        extra.attributes.insert(0, id_attribute(id));
    }
    if !extra.is_empty() {
        // Some elements of VAST 1.0 become trackers, and attributes with these names have no meaning on them.
        extra.attributes.retain(|attribute| match attribute.name.as_str() {
            "event" => false,
            "offset" => offset.is_none() && scalar::parse_offset(&attribute.value).is_none(),
            _ => true,
        });
    }
    Tracking { event, offset, url, extra }
}

/// The tracker for an impression of a companion or non-linear ad in VAST 1.0.
pub(super) fn view(click: Click) -> Tracking {
    tracker(Event::CreativeView, None, click)
}

/// Reads `@event`; `None` when it is blank.
fn event<'a>(cursor: &mut Cursor<'a>, attribute: &RawAttribute<'a>, unit: Unit) -> Parsed<Option<Event>> {
    let Some(name) = cursor.spelling(attribute) else { return Ok(None) };
    let Some((event, is_exact)) = Event::known(&name) else { return Ok(Some(Event::Other(cursor.keep(name)))) };
    if !is_exact {
        cursor.warn(WarningCode::WrongCase, format!("event \"{}\" should be \"{}\"", clipped(&name), event.raw()))?;
    }
    Ok(Some(if unit == Unit::Linear { event.under_linear() } else { event }))
}

/// Keeps a `progress` tracker without an offset as an unknown element, because such a tracker can never be called.
fn never(cursor: &mut Cursor<'_>, start: usize, rest: &mut Extra) -> Parsed<()> {
    cursor.warn(WarningCode::ProgressWithoutOffset, "a progress tracker without a usable offset")?;
    cursor.skip()?;
    keep_unusable(cursor, start, rest)
}
