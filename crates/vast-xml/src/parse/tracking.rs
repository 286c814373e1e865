//! `TrackingEvents` (VAST 4.3, section 3.14).

use super::link::{empty, id_attribute, joined_urls};
use super::list::added_with;
use super::unknown::{container, keep_unusable, unknown};
use crate::attributes::{self, keep};
use crate::edition::Unit;
use crate::model::{Click, Event, Extra, Offset, Tracking};
use crate::scalar;
use crate::text::Text;
use crate::warning::WarningCode;
use crate::xml::{Cursor, Key, Name, Parsed, RawAttribute, Spacing, clipped};

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

/// Reads one `Tracking`: one tracker, or in VAST 1.0 one for each of its URLs. A single URL, which is the usual content, is
/// read in its place in the list.
fn tracking(cursor: &mut Cursor<'_>, unit: Unit, into: &mut Vec<Tracking>, rest: &mut Extra) -> Parsed<()> {
    let start = cursor.tag_start();
    if into.capacity() == 0 {
        // Most ads have four to eight.
        *into = Vec::with_capacity(8);
    }
    let one = added_with(into, || Tracking::new(Event::Other(Text::default()), Text::default()));
    let mut has_event = false;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Event => has_event = event(cursor, attribute, unit, &mut one.event)?,
            Key::Offset => attributes::scalar(cursor, attribute, &mut one.extra, &mut one.offset, scalar::offset)?,
            _ => keep(cursor, attribute, &mut one.extra)?,
        }
    }
    if !has_event {
        cursor.warn(WarningCode::MissingAttribute, "<Tracking> without @event")?;
    }
    if one.event == Event::Progress && one.offset.is_none() {
        into.pop();
        return never(cursor, start, rest);
    }
    if cursor.whole_text_into(Spacing::Uri, &mut one.url)? {
        if one.url.is_nothing() {
            into.pop();
            return empty(cursor, start, rest);
        }
        drop_meaningless(&mut one.extra, one.offset);
        return cursor.count_tracker();
    }
    let Some(Tracking { event, offset, extra, .. }) = into.pop() else { return Ok(()) };
    joined_urls(cursor, Click { extra, ..Click::default() }, usize::MAX, rest, &mut |cursor, click| {
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
    drop_meaningless(&mut extra, offset);
    Tracking { event, offset, url, extra }
}

/// Removes the attributes `event` and `offset`: some elements of VAST 1.0 become trackers, and these have no meaning on them.
fn drop_meaningless(extra: &mut Extra, offset: Option<Offset>) {
    if !extra.is_empty() {
        extra.attributes.retain(|attribute| match attribute.name.as_str() {
            "event" => false,
            "offset" => offset.is_none() && scalar::parse_offset(&attribute.value).is_none(),
            _ => true,
        });
    }
}

/// The tracker for an impression of a companion or non-linear ad in VAST 1.0.
pub(super) fn view(click: Click) -> Tracking {
    tracker(Event::CreativeView, None, click)
}

/// Reads `@event`; false when it is blank.
fn event<'a>(cursor: &mut Cursor<'a>, attribute: RawAttribute, unit: Unit, into: &mut Event) -> Parsed<bool> {
    if let Some(known) = cursor.plain(attribute).and_then(Event::well_known) {
        *into = if unit == Unit::Linear { known.under_linear() } else { known };
        return Ok(true);
    }
    let Some(name) = cursor.spelling(attribute) else { return Ok(false) };
    let Some((event, is_exact)) = Event::known(&name) else {
        *into = Event::Other(cursor.keep(name));
        return Ok(true);
    };
    if !is_exact {
        cursor.warn(WarningCode::WrongCase, format!("event \"{}\" should be \"{}\"", clipped(&name), event.raw()))?;
    }
    *into = if unit == Unit::Linear { event.under_linear() } else { event };
    Ok(true)
}

/// Keeps a `progress` tracker without an offset as an unknown element, because such a tracker can never be called.
fn never(cursor: &mut Cursor<'_>, start: usize, rest: &mut Extra) -> Parsed<()> {
    cursor.warn(WarningCode::ProgressWithoutOffset, "a progress tracker without a usable offset")?;
    cursor.skip()?;
    keep_unusable(cursor, start, rest)
}
