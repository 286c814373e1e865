//! `Ad` (VAST 4.3, section 3.3).

use super::inline::inline;
use super::scalar::{boolean, positive, scalar, word};
use super::unknown::{close, duplicate, element_again, keep, keep_element, unknown};
use super::wrapper::wrapper;
use crate::WarningCode;
use crate::model::{Ad, AdKind, AdType};
use crate::xml::{Cursor, Key, Name, Parsed};
use std::ops::Range;

/// Where the wrapper of an ad stands, and how many unknown elements the ad had before it.
type Place = (Range<usize>, usize);

/// Reads an ad. One without content is none: the others survive it.
pub(super) fn ad(cursor: &mut Cursor<'_>) -> Parsed<Option<Ad>> {
    cursor.count_ad()?;
    let start = cursor.tag_start();
    let mut ad = Ad::default();
    let mut kind = None;
    let mut place: Place = (0..0, 0);
    attributes(cursor, &mut ad)?;
    while let Some(child) = cursor.child()? {
        match (child, &kind) {
            (Name::InLine, None) => kind = Some(AdKind::InLine(Box::new(inline(cursor)?))),
            (Name::Wrapper, None) => {
                let start = cursor.tag_start();
                kind = Some(AdKind::Wrapper(Box::new(wrapper(cursor)?)));
                place = (start..cursor.offset(), ad.extra.elements.len());
            }
            (Name::InLine, Some(AdKind::Wrapper(_))) => {
                ambiguous(cursor)?;
                kind = Some(AdKind::InLine(Box::new(inline(cursor)?)));
                give_way(cursor, &mut ad, &place)?;
            }
            (Name::Wrapper, Some(AdKind::InLine(_))) => {
                ambiguous(cursor)?;
                keep_element(cursor, &mut ad.extra)?;
            }
            (Name::InLine | Name::Wrapper, Some(_)) => duplicate(cursor, &mut ad.extra)?,
            _ => unknown(cursor, &mut ad.extra)?,
        }
    }
    let Some(kind) = kind else {
        let message = "an ad with neither <InLine> nor <Wrapper>: kept as an unknown element, not as an ad";
        cursor.warn_at(WarningCode::UnusableAd, message, start)?;
        return Ok(None);
    };
    close(cursor, &mut ad.extra);
    Ok(Some(Ad { kind, ..ad }))
}

fn attributes(cursor: &mut Cursor<'_>, ad: &mut Ad) -> Parsed<()> {
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Id => ad.id = cursor.value(&attribute),
            Key::Sequence => ad.sequence = scalar(cursor, &attribute, &mut ad.extra, positive)?,
            Key::AdType => ad.ad_type = word(cursor, &attribute, ad_type, AdType::as_str, AdType::Other),
            Key::ConditionalAd => ad.conditional_ad = scalar(cursor, &attribute, &mut ad.extra, boolean)?,
            _ => keep(cursor, &attribute, &mut ad.extra)?,
        }
    }
    Ok(())
}

fn ad_type(word: &str) -> Option<AdType> {
    match word {
        "video" => Some(AdType::Video),
        "audio" => Some(AdType::Audio),
        "hybrid" => Some(AdType::Hybrid),
        _ => None,
    }
}

fn ambiguous(cursor: &mut Cursor<'_>) -> Parsed<()> {
    cursor.warn(
        WarningCode::AmbiguousAd,
        "both <InLine> and <Wrapper> in one ad: the <InLine> is taken, the <Wrapper> kept as an unknown element",
    )
}

/// The wrapper of an ad becomes an unknown element, because there is an `InLine` too.
fn give_way(cursor: &mut Cursor<'_>, ad: &mut Ad, (range, index): &Place) -> Parsed<()> {
    let wrapper = element_again(cursor, range.clone())?;
    let elements = &mut ad.extra.elements;
    elements.insert((*index).min(elements.len()), wrapper);
    cursor.set_aside_child(Name::Wrapper);
    Ok(())
}
