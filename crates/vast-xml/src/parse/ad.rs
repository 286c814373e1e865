//! `Ad` (VAST 4.3, section 3.3).

use super::inline::inline;
use super::scalar::{boolean, integer, scalar};
use super::unknown::{duplicate, keep, unknown};
use super::wrapper::wrapper;
use crate::model::{Ad, AdKind, AdType};
use crate::xml::{Cursor, Key, Name, Parsed};
use crate::{Text, WarningCode};

/// Reads an ad. One without content is left out: the others survive it.
pub(super) fn ad(cursor: &mut Cursor<'_>) -> Parsed<Option<Ad>> {
    cursor.count_ad()?;
    let start = cursor.tag_start();
    let mut ad = Ad::default();
    let mut kind = None;
    attributes(cursor, &mut ad)?;
    while let Some(child) = cursor.child()? {
        match (child, &kind) {
            (Name::InLine, None) => kind = Some(AdKind::InLine(Box::new(inline(cursor)?))),
            (Name::Wrapper, None) => kind = Some(AdKind::Wrapper(Box::new(wrapper(cursor)?))),
            (Name::InLine, Some(AdKind::Wrapper(_))) => {
                ambiguous(cursor)?;
                kind = Some(AdKind::InLine(Box::new(inline(cursor)?)));
            }
            (Name::Wrapper, Some(AdKind::InLine(_))) => {
                ambiguous(cursor)?;
                cursor.skip()?;
            }
            (Name::InLine | Name::Wrapper, Some(_)) => duplicate(cursor, &mut ad.extra)?,
            _ => unknown(cursor, &mut ad.extra)?,
        }
    }
    let Some(kind) = kind else {
        cursor.warn_at(WarningCode::UnusableAd, "an ad with neither <InLine> nor <Wrapper> was left out", start)?;
        return Ok(None);
    };
    Ok(Some(Ad { kind, ..ad }))
}

fn attributes(cursor: &mut Cursor<'_>, ad: &mut Ad) -> Parsed<()> {
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Id => ad.id = cursor.value(&attribute),
            Key::Sequence => {
                ad.sequence = scalar(cursor, &attribute, &mut ad.extra, integer)?.filter(|position| *position > 0);
            }
            Key::AdType => ad.ad_type = cursor.value(&attribute).map(ad_type),
            Key::ConditionalAd => ad.conditional_ad = scalar(cursor, &attribute, &mut ad.extra, boolean)?,
            _ => keep(cursor, &attribute, &mut ad.extra)?,
        }
    }
    Ok(())
}

fn ad_type(value: Text) -> AdType {
    match value.to_ascii_lowercase().as_str() {
        "video" => AdType::Video,
        "audio" => AdType::Audio,
        "hybrid" => AdType::Hybrid,
        _ => AdType::Other(value),
    }
}

fn ambiguous(cursor: &mut Cursor<'_>) -> Parsed<()> {
    cursor.warn(WarningCode::AmbiguousAd, "both <InLine> and <Wrapper> in one ad: the <InLine> is taken")
}
