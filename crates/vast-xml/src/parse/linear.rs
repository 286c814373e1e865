//! `Linear` (VAST 4.3, sections 3.8 and 3.10).

use super::extension::Extensions;
use super::icon::icons;
use super::leaf::{decoded, markup, value};
use super::link::{click_through, trackers};
use super::media::{interactive_creative_file, media_files};
use super::tracking::tracking_events;
use super::unknown::{container, duplicate, unknown};
use crate::attributes::read_attributes;
use crate::edition::Unit;
use crate::model::{AdParameters, Extra, Linear};
use crate::scalar;
use crate::xml::{Cursor, Name, Parsed, Spacing};
use std::time::Duration;

/// Reads a `Linear` into an empty one. VAST 3.0 has creative extensions in it; they go to the creative, as in 4.x.
pub(super) fn linear(cursor: &mut Cursor<'_>, linear: &mut Linear, extensions: &mut Extensions) -> Parsed<()> {
    read_attributes(cursor, linear)?;
    while let Some(child) = cursor.child()? {
        match child {
            Name::CreativeExtensions => container(cursor, &mut linear.extra, |cursor, child, _| {
                extensions.read(cursor, child, Name::CreativeExtension)
            })?,
            _ => part(cursor, child, linear)?,
        }
    }
    Ok(())
}

/// Reads a child that both `Linear` and the `Video` of VAST 1.0 may have.
pub(super) fn part(cursor: &mut Cursor<'_>, child: Name, linear: &mut Linear) -> Parsed<()> {
    let extra = &mut linear.extra;
    match child {
        Name::Duration => element_duration(cursor, &mut linear.duration, extra),
        Name::AdParameters => ad_parameters(cursor, &mut linear.ad_parameters, extra),
        Name::MediaFiles => media_files(cursor, linear),
        Name::InteractiveCreativeFile => {
            linear.interactive_creative_files.extend(interactive_creative_file(cursor, extra)?);
            Ok(())
        }
        Name::VideoClicks => video_clicks(cursor, linear),
        Name::TrackingEvents => tracking_events(cursor, Unit::Linear, &mut linear.tracking_events, extra),
        Name::Icons => icons(cursor, &mut linear.icons, extra),
        _ => unknown(cursor, extra),
    }
}

pub(super) fn element_duration(cursor: &mut Cursor<'_>, place: &mut Option<Duration>, extra: &mut Extra) -> Parsed<()> {
    if place.is_some() {
        return duplicate(cursor, extra);
    }
    *place = value(cursor, extra, scalar::duration)?;
    Ok(())
}

pub(super) fn ad_parameters(
    cursor: &mut Cursor<'_>,
    place: &mut Option<AdParameters>,
    extra: &mut Extra,
) -> Parsed<()> {
    if place.is_some() {
        return duplicate(cursor, extra);
    }
    let parameters = place.insert(AdParameters::default());
    read_attributes(cursor, parameters)?;
    parameters.raw = markup(cursor, Spacing::Content)?;
    parameters.value = decoded(&parameters.raw, parameters.xml_encoded);
    Ok(())
}

fn video_clicks(cursor: &mut Cursor<'_>, linear: &mut Linear) -> Parsed<()> {
    let mut extra = std::mem::take(&mut linear.extra);
    let read = container(cursor, &mut extra, |cursor, child, rest| clicks(cursor, child, linear, rest));
    linear.extra = extra;
    read
}

/// Reads one child of `VideoClicks`.
pub(super) fn clicks(cursor: &mut Cursor<'_>, child: Name, linear: &mut Linear, rest: &mut Extra) -> Parsed<()> {
    match child {
        Name::ClickThrough => click_through(cursor, &mut linear.click_through, rest),
        Name::ClickTracking => trackers(cursor, &mut linear.click_tracking, rest),
        Name::CustomClick => trackers(cursor, &mut linear.custom_clicks, rest),
        _ => unknown(cursor, rest),
    }
}
