//! The root (VAST 4.3, section 3.2) and what may stand in its place.

use super::ad::ad;
use super::link::tracker_urls;
use super::unknown::{close, keep, keep_in_vain, unknown};
use crate::model::Vast;
use crate::xml::{Cursor, Key, Name, Parsed, Stop, clipped};
use crate::{ParseErrorKind, Text, WarningCode};
use std::collections::HashSet;

/// What a `VideoAdServingTemplate` is.
const TEMPLATE_VERSION: &str = "1.0";

/// Reads the whole document.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<Vast> {
    let root = cursor.root()?;
    read_vast(cursor, root)
}

/// Reads the whole document, the root of which is in hand.
pub(crate) fn read_vast(cursor: &mut Cursor<'_>, root: Option<Name>) -> Parsed<Vast> {
    match root {
        Some(name) if is_root(name) => whole(cursor, name),
        Some(_) => Err(foreign(cursor, "<VAST>")),
        None => Err(Stop::new(ParseErrorKind::Empty, "no element in it", 0)),
    }
}

/// Whether VAST begins with an element of this name.
pub(crate) fn is_root(name: Name) -> bool {
    matches!(name, Name::Vast | Name::VideoAdServingTemplate)
}

/// Reads the root, keeping what was complete when the document turns out to be damaged.
fn whole(cursor: &mut Cursor<'_>, name: Name) -> Parsed<Vast> {
    let mut vast = Vast::default();
    match root(cursor, name, &mut vast) {
        Ok(()) => {}
        Err(stop) if stop.kind() == ParseErrorKind::NotXml && !vast.ads.is_empty() => {
            let message = format!("{}; the ads before are kept", stop.message());
            cursor.warn_at(WarningCode::Damaged, message, stop.offset())?;
            cursor.abandon_unfinished();
            close(cursor, &mut vast.extra);
            return Ok(vast);
        }
        Err(stop) => return Err(stop),
    }
    cursor.trailing()?;
    Ok(vast)
}

/// Reads the root in hand, which has this name, into `vast`, which holds the ads that were complete also when the document
/// turns out to be damaged.
pub(crate) fn root(cursor: &mut Cursor<'_>, name: Name, vast: &mut Vast) -> Parsed<()> {
    // The one that needs not state its version.
    let version = (name == Name::VideoAdServingTemplate).then_some(TEMPLATE_VERSION);
    if version.is_some() {
        cursor.stands_for(Name::Vast);
    }
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Version => vast.version = cursor.value(&attribute),
            _ => keep(cursor, &attribute, &mut vast.extra)?,
        }
    }
    if let (None, Some(version)) = (&vast.version, version) {
        cursor.without(Key::Version, Text::from(version));
        vast.version = Some(Text::from(version));
    }
    if vast.version.is_none() {
        cursor.warn(WarningCode::MissingAttribute, "<VAST> without @version")?;
    }
    let mut positions = HashSet::new();
    while let Some(child) = cursor.child()? {
        match child {
            Name::Ad => {
                let start = cursor.tag_start();
                let Some(ad) = ad(cursor)? else {
                    keep_in_vain(cursor, start, &mut vast.extra)?;
                    continue;
                };
                if let Some(position) = ad.sequence.filter(|position| !positions.insert(*position)) {
                    let message = format!("a second ad at pod position {position}");
                    cursor.warn_at(WarningCode::DuplicateSequence, message, start)?;
                }
                vast.ads.push(ad);
            }
            Name::Error => tracker_urls(cursor, &mut vast.errors, &mut vast.extra)?,
            _ => unknown(cursor, &mut vast.extra)?,
        }
    }
    close(cursor, &mut vast.extra);
    Ok(())
}

/// Why the root in hand is refused by a reader that wants another.
pub(crate) fn foreign(cursor: &Cursor<'_>, wanted: &str) -> Stop {
    let name = cursor.tag_name();
    let local = name.rsplit(':').next().unwrap_or_default();
    if local.eq_ignore_ascii_case("html") {
        return Stop::new(ParseErrorKind::Html, "a web page, not an ad response", cursor.tag_start());
    }
    let mut message = format!("the root element is <{}>, not {wanted}", clipped(name));
    if Name::find(local).0 == Name::Vmap {
        message.push_str(": a playlist of ad breaks, not an ad response");
    }
    Stop::new(ParseErrorKind::NotVast, message, cursor.tag_start())
}
