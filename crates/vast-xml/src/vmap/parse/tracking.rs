//! `TrackingEvents` of a break (VMAP 1.0.1, section 2.3.3).

use crate::model::{Attribute, Click, Extra};
use crate::parse::{container, keep, unknown, urls};
use crate::vmap::{BreakEvent, BreakTracking};
use crate::xml::{Cursor, Key, Name, Parsed, clipped};
use crate::{Text, WarningCode};

pub(super) fn tracking_events(cursor: &mut Cursor<'_>, into: &mut Vec<BreakTracking>, extra: &mut Extra) -> Parsed<()> {
    container(cursor, extra, |cursor, child, rest| match child {
        Name::Tracking => tracking(cursor, into),
        _ => unknown(cursor, rest),
    })
}

fn tracking(cursor: &mut Cursor<'_>, into: &mut Vec<BreakTracking>) -> Parsed<()> {
    let mut event = None;
    let mut click = Click::default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Event => event = cursor.spelling(&attribute),
            _ => keep(cursor, &attribute, &mut click.extra)?,
        }
    }
    let event = self::event(cursor, event.as_deref())?;
    urls(cursor, click, &mut |cursor, Click { url, id, mut extra }| {
        cursor.count_tracker()?;
        if let Some(value) = id {
            extra.attributes.push(Attribute { name: Text::from(Key::Id.as_str()), value });
        }
        into.push(BreakTracking { event: event.clone(), url, extra });
        Ok(())
    })
}

fn event(cursor: &mut Cursor<'_>, name: Option<&str>) -> Parsed<BreakEvent> {
    let Some(name) = name else {
        cursor.warn(WarningCode::MissingAttribute, "<Tracking> without @event")?;
        return Ok(BreakEvent::Other(Text::default()));
    };
    let event = BreakEvent::from_name(name);
    if event.as_str() != name {
        cursor.warn(WarningCode::WrongCase, format!("event \"{}\" should be \"{}\"", clipped(name), event.as_str()))?;
    }
    Ok(event)
}
