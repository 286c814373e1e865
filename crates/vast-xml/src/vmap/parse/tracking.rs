//! `TrackingEvents` of a break (VMAP 1.0.1, section 2.3.3).

use crate::model::{Click, Extra};
use crate::parse::{container, id_attribute, keep, unknown, urls};
use crate::vmap::{BreakEvent, BreakTracking};
use crate::xml::{Attribute, Cursor, Key, Name, Parsed, clipped};
use crate::{Text, WarningCode};

pub(super) fn tracking_events(cursor: &mut Cursor<'_>, into: &mut Vec<BreakTracking>, extra: &mut Extra) -> Parsed<()> {
    container(cursor, extra, |cursor, child, rest| match child {
        Name::Tracking => tracking(cursor, into, rest),
        _ => unknown(cursor, rest),
    })
}

fn tracking(cursor: &mut Cursor<'_>, into: &mut Vec<BreakTracking>, rest: &mut Extra) -> Parsed<()> {
    let mut event = None;
    let mut click = Click::default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Event => event = self::event(cursor, &attribute)?,
            _ => keep(cursor, &attribute, &mut click.extra)?,
        }
    }
    if event.is_none() {
        cursor.warn(WarningCode::MissingAttribute, "<Tracking> without @event")?;
    }
    let event = event.unwrap_or_else(|| BreakEvent::Other(Text::default()));
    urls(cursor, click, usize::MAX, rest, &mut |cursor, Click { url, id, mut extra }| {
        cursor.count_tracker()?;
        if let Some(id) = id {
            extra.attributes.insert(0, id_attribute(id));
        }
        into.push(BreakTracking { event: event.clone(), url, extra });
        Ok(())
    })
}

/// Reads `@event`; nothing when it is blank.
fn event<'a>(cursor: &mut Cursor<'a>, attribute: &Attribute<'a>) -> Parsed<Option<BreakEvent>> {
    let Some(name) = cursor.spelling(attribute) else { return Ok(None) };
    let event = BreakEvent::from_name(&name);
    if event.as_str() != name {
        cursor
            .warn(WarningCode::WrongCase, format!("event \"{}\" should be \"{}\"", clipped(&name), event.as_str()))?;
    }
    cursor.read_as(attribute, event.as_str());
    Ok(Some(event))
}
