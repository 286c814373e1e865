//! `AdBreak` (VMAP 1.0.1, section 2.3.1).

use super::ad_source::ad_source;
use super::time_offset::time_offset;
use super::tracking::tracking_events;
use crate::WarningCode;
use crate::parse::{Extensions, Understood, close, container, duplicate, duration, keep, scalar, unknown};
use crate::vmap::{AdBreak, AdData, AdSource, BreakType};
use crate::xml::{Attribute, Cursor, Key, Name, Parsed, clipped};
use std::time::Duration;

/// Reads the break in hand into `one`, which holds what was read also when the document turns out to be damaged.
pub(super) fn ad_break(cursor: &mut Cursor<'_>, one: &mut AdBreak) -> Parsed<()> {
    cursor.count_break()?;
    attributes(cursor, one)?;
    let mut extensions = Extensions::default();
    while let Some(child) = cursor.child()? {
        match child {
            Name::AdSource if one.source.is_none() => ad_source(cursor, one.source.insert(AdSource::default()))?,
            Name::AdSource => duplicate(cursor, &mut one.extra)?,
            Name::TrackingEvents => tracking_events(cursor, &mut one.tracking_events, &mut one.extra)?,
            Name::Extensions => {
                container(cursor, &mut one.extra, |cursor, child, _| extensions.read(cursor, child, Name::Extension))?;
            }
            _ => unknown(cursor, &mut one.extra)?,
        }
    }
    one.extensions = extensions.list;
    close(cursor, &mut one.extra);
    Ok(())
}

/// Whether there is something to play in a break that breaks off.
pub(super) fn has_ads(one: &AdBreak) -> bool {
    match one.ad_data() {
        Some(AdData::Vast(vast)) => !vast.ads.is_empty(),
        Some(AdData::Tag(_) | AdData::Custom(_)) => true,
        None => false,
    }
}

fn attributes(cursor: &mut Cursor<'_>, one: &mut AdBreak) -> Parsed<()> {
    let mut has_offset = false;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::TimeOffset => {
                has_offset = true;
                one.time_offset = scalar(cursor, &attribute, &mut one.extra, time_offset)?;
            }
            Key::BreakType => one.break_types = break_types(cursor, &attribute)?,
            Key::BreakId => one.break_id = cursor.value(&attribute),
            Key::RepeatAfter => one.repeat_after = scalar(cursor, &attribute, &mut one.extra, repeat_after)?,
            _ => keep(cursor, &attribute, &mut one.extra)?,
        }
    }
    if !has_offset {
        cursor.warn(WarningCode::MissingAttribute, "<AdBreak> without @timeOffset")?;
    }
    if one.break_types.is_empty() {
        cursor.warn(WarningCode::MissingAttribute, "<AdBreak> without @breakType")?;
    }
    Ok(())
}

/// A break cannot come again at once.
fn repeat_after(text: &str) -> Option<Understood<Duration>> {
    duration(text)?.map(|time| Some(time).filter(|time| !time.is_zero()))
}

/// A comma list without blanks, in order of preference.
fn break_types<'a>(cursor: &mut Cursor<'a>, attribute: &Attribute<'a>) -> Parsed<Vec<BreakType>> {
    let Some(text) = cursor.spelling(attribute) else { return Ok(Vec::new()) };
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    let types: Vec<BreakType> = names.map(BreakType::from_name).collect();
    let strict = types.iter().map(BreakType::as_str).collect::<Vec<_>>().join(",");
    cursor.read_as(attribute, &strict);
    if strict != *text {
        let message = format!("breakType \"{}\"", clipped(&text));
        cursor.warn_at(WarningCode::LooseValue, message, cursor.range_of(attribute.name).start)?;
    }
    for other in types.iter().filter(|own| matches!(own, BreakType::Other(_))) {
        let message = format!("breakType \"{}\" is unknown", clipped(other.as_str()));
        cursor.warn_at(WarningCode::InvalidValue, message, cursor.range_of(attribute.name).start)?;
    }
    Ok(types)
}
