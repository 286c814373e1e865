//! The root (VAST 4.3, section 3.2) and what may stand in its place.

use super::ad::ad;
use super::leaf::tracker_urls;
use super::unknown::{keep, unknown};
use crate::model::Vast;
use crate::xml::{Cursor, Key, Name, Parsed, Stop, clipped};
use crate::{ParseErrorKind, Text, WarningCode};

/// Reads the whole document.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<Vast> {
    match cursor.root()? {
        Some(Name::Vast) => whole(cursor, Vast::default()),
        Some(Name::VideoAdServingTemplate) => {
            whole(cursor, Vast { version: Some(Text::from("1.0")), ..Vast::default() })
        }
        Some(_) => Err(foreign(cursor)),
        None => Err(Stop::new(ParseErrorKind::Empty, "no element in it", 0)),
    }
}

/// Reads the root, keeping what was complete when the document turns out to be damaged.
fn whole(cursor: &mut Cursor<'_>, mut vast: Vast) -> Parsed<Vast> {
    match root(cursor, &mut vast) {
        Ok(()) => cursor.trailing()?,
        Err(stop) if stop.kind() == ParseErrorKind::NotXml && !vast.ads.is_empty() => {
            let message = format!("{}; the ads before are kept", stop.message());
            cursor.warn_at(WarningCode::Damaged, message, stop.offset())?;
        }
        Err(stop) => return Err(stop),
    }
    Ok(vast)
}

fn root(cursor: &mut Cursor<'_>, vast: &mut Vast) -> Parsed<()> {
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Version => vast.version = cursor.value(&attribute),
            _ => keep(cursor, &attribute, &mut vast.extra)?,
        }
    }
    if vast.version.is_none() {
        cursor.warn(WarningCode::MissingAttribute, "<VAST> without @version")?;
    }
    while let Some(child) = cursor.child()? {
        match child {
            Name::Ad => vast.ads.extend(ad(cursor)?),
            Name::Error => tracker_urls(cursor, &mut vast.errors, &mut vast.extra)?,
            _ => unknown(cursor, &mut vast.extra)?,
        }
    }
    Ok(())
}

fn foreign(cursor: &Cursor<'_>) -> Stop {
    let name = cursor.tag_name();
    let local = name.rsplit(':').next().unwrap_or_default();
    if local.eq_ignore_ascii_case("html") {
        return Stop::new(ParseErrorKind::Html, "a web page, not an ad response", cursor.tag_start());
    }
    let message = format!("the root element is <{}>, not <VAST>", clipped(name));
    Stop::new(ParseErrorKind::NotVast, message, cursor.tag_start())
}
