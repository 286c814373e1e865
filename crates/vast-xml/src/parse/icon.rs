//! `Icons` (VAST 4.3, section 3.11).

use super::leaf::text;
use super::link::{click_through, tracker_urls, trackers};
use super::list::added;
use super::resource::resource;
use super::unknown::{container, duplicate, unknown};
use crate::attributes::read_attributes;
use crate::model::{Extra, FallbackImage, Icon};
use crate::xml::{Cursor, Name, Parsed};

pub(super) fn icons(cursor: &mut Cursor<'_>, into: &mut Vec<Icon>, extra: &mut Extra) -> Parsed<()> {
    container(cursor, extra, |cursor, child, rest| match child {
        Name::Icon => icon_into(cursor, added(into)),
        _ => unknown(cursor, rest),
    })
}

pub(super) fn icon(cursor: &mut Cursor<'_>) -> Parsed<Icon> {
    let mut icon = Icon::default();
    icon_into(cursor, &mut icon)?;
    Ok(icon)
}

fn icon_into(cursor: &mut Cursor<'_>, icon: &mut Icon) -> Parsed<()> {
    read_attributes(cursor, icon)?;
    while let Some(child) = cursor.child()? {
        match child {
            Name::IconClicks => clicks(cursor, icon)?,
            Name::IconViewTracking => tracker_urls(cursor, &mut icon.view_tracking, &mut icon.extra)?,
            _ => resource(cursor, child, &mut icon.resources, &mut icon.extra)?,
        }
    }
    Ok(())
}

fn clicks(cursor: &mut Cursor<'_>, icon: &mut Icon) -> Parsed<()> {
    container(cursor, &mut icon.extra, |cursor, child, rest| match child {
        Name::IconClickThrough => click_through(cursor, &mut icon.click_through, rest),
        Name::IconClickTracking => trackers(cursor, &mut icon.click_tracking, rest),
        Name::IconClickFallbackImages => container(cursor, rest, |cursor, child, rest| match child {
            Name::IconClickFallbackImage => {
                icon.fallback_images.push(fallback_image(cursor)?);
                Ok(())
            }
            _ => unknown(cursor, rest),
        }),
        _ => unknown(cursor, rest),
    })
}

fn fallback_image(cursor: &mut Cursor<'_>) -> Parsed<FallbackImage> {
    let mut image = FallbackImage::default();
    read_attributes(cursor, &mut image)?;
    while let Some(child) = cursor.child()? {
        match child {
            Name::AltText if image.alt_text.is_none() => text(cursor, &mut image.extra, &mut image.alt_text)?,
            Name::AltText => duplicate(cursor, &mut image.extra)?,
            _ => resource(cursor, child, &mut image.resources, &mut image.extra)?,
        }
    }
    Ok(image)
}
