//! The root (VMAP 1.0.1, section 2.3).

use super::ad_break::{ad_break, has_ads};
use crate::parse::{Extensions, close, container, keep, unknown};
use crate::vmap::playlist::NAMESPACE;
use crate::vmap::{AdBreak, Vmap};
use crate::xml::{Attribute, Cursor, Key, Name, Parsed, clipped};
use crate::{ParseErrorKind, WarningCode};

/// Reads the whole document, the root of which is in hand, keeping what was complete when it turns out to be damaged.
pub(super) fn playlist(cursor: &mut Cursor<'_>) -> Parsed<Vmap> {
    let mut vmap = Vmap::default();
    match content(cursor, &mut vmap) {
        Ok(()) => cursor.trailing()?,
        Err(stop) if stop.kind() == ParseErrorKind::NotXml && !vmap.breaks.is_empty() => {
            let message = format!("{}; the breaks before are kept", stop.message());
            cursor.warn_at(WarningCode::Damaged, message, stop.offset())?;
            cursor.abandon_unfinished();
            close(cursor, &mut vmap.extra);
        }
        Err(stop) => return Err(stop),
    }
    Ok(vmap)
}

fn content(cursor: &mut Cursor<'_>, vmap: &mut Vmap) -> Parsed<()> {
    attributes(cursor, vmap)?;
    let mut extensions = Extensions::default();
    while let Some(child) = cursor.child()? {
        match child {
            Name::AdBreak => one_break(cursor, vmap)?,
            Name::Extensions => {
                container(cursor, &mut vmap.extra, |cursor, child, _| extensions.read(cursor, child, Name::Extension))?;
            }
            _ => unknown(cursor, &mut vmap.extra)?,
        }
    }
    vmap.extensions = extensions.list;
    close(cursor, &mut vmap.extra);
    Ok(())
}

/// Reads a break; one that breaks off is kept for the ads in it.
fn one_break(cursor: &mut Cursor<'_>, vmap: &mut Vmap) -> Parsed<()> {
    let mut one = AdBreak::default();
    let result = ad_break(cursor, &mut one);
    if result.is_ok() || has_ads(&one) {
        vmap.breaks.push(one);
    }
    result
}

fn attributes(cursor: &mut Cursor<'_>, vmap: &mut Vmap) -> Parsed<()> {
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Version => vmap.version = cursor.value(&attribute),
            // The writer declares it anew, and right.
            _ if attribute.name == "xmlns:vmap" => namespace(cursor, &attribute)?,
            _ => keep(cursor, &attribute, &mut vmap.extra)?,
        }
    }
    if vmap.version.is_none() {
        cursor.warn(WarningCode::MissingAttribute, "<VMAP> without @version")?;
    }
    Ok(())
}

/// Names are matched without their namespaces, so a wrong one does no harm.
fn namespace<'a>(cursor: &mut Cursor<'a>, declaration: &Attribute<'a>) -> Parsed<()> {
    if declaration.raw == NAMESPACE {
        return Ok(());
    }
    let message = format!("the namespace \"{}\" should be \"{NAMESPACE}\"", clipped(declaration.raw));
    cursor.warn_at(WarningCode::LooseValue, message, cursor.range_of(declaration.name).start)
}
