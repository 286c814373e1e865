//! `UniversalAdId` (VAST 4.3, section 3.7.1).

use super::leaf::content;
use super::unknown::{close, keep, keep_in_vain, keep_silently};
use crate::Text;
use crate::model::{Extra, UniversalAdId};
use crate::xml::{Cursor, Key, Parsed, Spacing};

pub(super) fn universal_ad_id(cursor: &mut Cursor<'_>, into: &mut Vec<UniversalAdId>, outer: &mut Extra) -> Parsed<()> {
    let start = cursor.tag_start();
    let mut id = UniversalAdId::default();
    let mut fallback = None;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::IdRegistry => id.registry = cursor.value(&attribute),
            Key::IdValue => {
                fallback = cursor.value(&attribute);
                keep_silently(cursor, &attribute, &mut id.extra);
            }
            _ => keep(cursor, &attribute, &mut id.extra)?,
        }
    }
    id.value = content(cursor, Spacing::Trimmed, &mut id.extra)?;
    if let Some(value) = fallback.filter(|_| id.value.is_empty()) {
        cursor.content_read_as(value.clone(), Text::default());
        id.value = value;
    }
    if id.value.is_empty() && id.registry.is_none() {
        return keep_in_vain(cursor, start, outer);
    }
    close(cursor, &mut id.extra);
    into.push(id);
    Ok(())
}
