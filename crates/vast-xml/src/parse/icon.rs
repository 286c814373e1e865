//! `Icons` (VAST 4.3, section 3.11).

use super::leaf::text;
use super::link::{click_through, tracker_urls, trackers};
use super::resource::resource;
use super::scalar::{decimal, duration, integer, offset, scalar};
use super::unknown::{close, container, duplicate, keep, unknown};
use crate::model::{Extra, FallbackImage, Icon};
use crate::xml::{Cursor, Key, Name, Parsed};

pub(super) fn icons(cursor: &mut Cursor<'_>, into: &mut Vec<Icon>, extra: &mut Extra) -> Parsed<()> {
    container(cursor, extra, |cursor, child, rest| match child {
        Name::Icon => {
            into.push(icon(cursor)?);
            Ok(())
        }
        _ => unknown(cursor, rest),
    })
}

pub(super) fn icon(cursor: &mut Cursor<'_>) -> Parsed<Icon> {
    let mut icon = Icon::default();
    attributes(cursor, &mut icon)?;
    while let Some(child) = cursor.child()? {
        match child {
            Name::IconClicks => clicks(cursor, &mut icon)?,
            Name::IconViewTracking => tracker_urls(cursor, &mut icon.view_tracking, &mut icon.extra)?,
            _ => resource(cursor, child, &mut icon.resources, &mut icon.extra)?,
        }
    }
    close(cursor, &mut icon.extra);
    Ok(icon)
}

fn attributes(cursor: &mut Cursor<'_>, icon: &mut Icon) -> Parsed<()> {
    let extra = &mut icon.extra;
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Program => icon.program = cursor.value(&attribute),
            Key::Width => icon.width = scalar(cursor, &attribute, extra, integer)?,
            Key::Height => icon.height = scalar(cursor, &attribute, extra, integer)?,
            Key::XPosition => icon.x_position = cursor.value(&attribute),
            Key::YPosition => icon.y_position = cursor.value(&attribute),
            Key::Duration => icon.duration = scalar(cursor, &attribute, extra, duration)?,
            Key::Offset => icon.offset = scalar(cursor, &attribute, extra, offset)?,
            Key::ApiFramework => icon.api_framework = cursor.value(&attribute),
            Key::PxRatio => icon.px_ratio = scalar(cursor, &attribute, extra, decimal)?,
            Key::AltText => icon.alt_text = cursor.value(&attribute),
            Key::HoverText => icon.hover_text = cursor.value(&attribute),
            _ => keep(cursor, &attribute, extra)?,
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
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Width => image.width = scalar(cursor, &attribute, &mut image.extra, integer)?,
            Key::Height => image.height = scalar(cursor, &attribute, &mut image.extra, integer)?,
            _ => keep(cursor, &attribute, &mut image.extra)?,
        }
    }
    while let Some(child) = cursor.child()? {
        match child {
            Name::AltText if image.alt_text.is_none() => image.alt_text = text(cursor, &mut image.extra)?,
            Name::AltText => duplicate(cursor, &mut image.extra)?,
            _ => resource(cursor, child, &mut image.resources, &mut image.extra)?,
        }
    }
    close(cursor, &mut image.extra);
    Ok(image)
}
