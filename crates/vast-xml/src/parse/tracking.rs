//! `TrackingEvents` (VAST 4.3, section 3.14).

use super::leaf::urls;
use super::scalar::{offset, scalar};
use super::unknown::{container, keep, unknown};
use crate::model::{Attribute, Click, Element, Event, Extra, Node, Offset, Tracking};
use crate::xml::{Cursor, Key, Name, Parsed, clipped};
use crate::{Text, WarningCode};
use std::borrow::Cow;

/// What the events are of: 2.0 gave some names another meaning under `Linear`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Linear,
    Other,
}

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

/// Reads one tracker; in VAST 1.0 one for each of its URLs.
fn tracking(cursor: &mut Cursor<'_>, unit: Unit, into: &mut Vec<Tracking>, rest: &mut Extra) -> Parsed<()> {
    let mut name = None;
    let mut offset = None;
    let mut click = Click::default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Event => name = cursor.spelling(&attribute),
            Key::Offset => offset = scalar(cursor, &attribute, &mut click.extra, self::offset)?,
            _ => keep(cursor, &attribute, &mut click.extra)?,
        }
    }
    let event = event(cursor, name, unit)?;
    urls(cursor, click, &mut |cursor, click| {
        cursor.count_tracker()?;
        add(cursor, event.clone(), offset, click, into, rest)
    })
}

fn event<'a>(cursor: &mut Cursor<'a>, name: Option<Cow<'a, str>>, unit: Unit) -> Parsed<Event> {
    let Some(name) = name else {
        cursor.warn(WarningCode::MissingAttribute, "<Tracking> without @event")?;
        return Ok(Event::Other(Text::default()));
    };
    let Some(event) = Event::known(&name) else { return Ok(Event::Other(cursor.keep(name))) };
    if event.raw() != name {
        cursor.warn(WarningCode::WrongCase, format!("event \"{}\" should be \"{}\"", clipped(&name), event.raw()))?;
    }
    Ok(if unit == Unit::Linear { event.under_linear() } else { event })
}

/// A `progress` without a point in time can never happen: it is kept outside the list of trackers.
fn add(
    cursor: &mut Cursor<'_>,
    event: Event,
    offset: Option<Offset>,
    click: Click,
    into: &mut Vec<Tracking>,
    rest: &mut Extra,
) -> Parsed<()> {
    let Click { url, id, mut extra } = click;
    if let Some(value) = id {
        extra.attributes.push(Attribute { name: Text::from(Key::Id.as_str()), value });
    }
    if event == Event::Progress && offset.is_none() {
        cursor.warn(WarningCode::ProgressWithoutOffset, "a progress tracker without a usable offset")?;
        rest.elements.push(never_called(&event, url, &extra));
        return Ok(());
    }
    into.push(Tracking { event, offset, url, extra });
    Ok(())
}

fn never_called(event: &Event, url: Text, extra: &Extra) -> Element {
    let own = Attribute { name: Text::from(Key::Event.as_str()), value: Text::from(event.raw()) };
    let mut attributes = vec![own];
    attributes.extend(extra.attributes.iter().cloned());
    let mut children = vec![Node::CData(url)];
    children.extend(extra.elements.iter().cloned().map(Node::Element));
    Element { name: Text::from(Name::Tracking.as_str()), attributes, children }
}
