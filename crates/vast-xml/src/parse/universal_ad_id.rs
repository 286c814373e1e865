//! `UniversalAdId` (VAST 4.3, section 3.7.1).

use super::leaf::content;
use super::unknown::{as_written, keep};
use crate::Text;
use crate::model::UniversalAdId;
use crate::xml::{Cursor, Key, Parsed, Spacing};

pub(super) fn universal_ad_id(cursor: &mut Cursor<'_>, into: &mut Vec<UniversalAdId>) -> Parsed<()> {
    let mut id = UniversalAdId::default();
    let mut fallback = None;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::IdRegistry => id.registry = cursor.value(&attribute),
            Key::IdValue => fallback = Some(as_written(cursor, &attribute)),
            _ => keep(cursor, &attribute, &mut id.extra)?,
        }
    }
    id.value = content(cursor, Spacing::Trimmed, &mut id.extra)?;
    match fallback {
        Some(attribute) if id.value.is_empty() => id.value = Text::from(attribute.value.trim()),
        Some(attribute) => id.extra.attributes.push(attribute),
        None => {}
    }
    if !id.value.is_empty() || id.registry.is_some() {
        into.push(id);
    }
    Ok(())
}
