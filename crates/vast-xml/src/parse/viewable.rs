//! `ViewableImpression` (VAST 4.3, section 3.5).

use super::link::tracker_urls;
use super::unknown::{close, duplicate, keep, unknown};
use crate::model::{Extra, ViewableImpression};
use crate::xml::{Cursor, Key, Name, Parsed};

/// Reads a `ViewableImpression`, of which there may be one.
pub(super) fn viewable_impression(
    cursor: &mut Cursor<'_>,
    place: &mut Option<ViewableImpression>,
    outer: &mut Extra,
) -> Parsed<()> {
    if place.is_some() {
        return duplicate(cursor, outer);
    }
    let viewable = place.get_or_insert_default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Id => viewable.id = cursor.value(&attribute),
            _ => keep(cursor, &attribute, &mut viewable.extra)?,
        }
    }
    while let Some(child) = cursor.child()? {
        let extra = &mut viewable.extra;
        match child {
            Name::Viewable => tracker_urls(cursor, &mut viewable.viewable, extra)?,
            Name::NotViewable => tracker_urls(cursor, &mut viewable.not_viewable, extra)?,
            Name::ViewUndetermined => tracker_urls(cursor, &mut viewable.view_undetermined, extra)?,
            _ => unknown(cursor, extra)?,
        }
    }
    close(cursor, &mut viewable.extra);
    Ok(())
}
