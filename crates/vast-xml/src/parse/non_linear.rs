//! `NonLinearAds` (VAST 4.3, section 3.12, with the additions of 4.4).

use super::extension::Extensions;
use super::icon::icons;
use super::linear::{ad_parameters, element_duration};
use super::link::{click_through, trackers, view_trackers};
use super::list::added;
use super::media::{interactive_creative_file, media_file};
use super::resource::{Described, resource};
use super::tracking::{tracking_events, view};
use super::unknown::{container, unknown};
use crate::attributes::read_attributes;
use crate::edition::Unit;
use crate::model::{NonLinear, NonLinearAds};
use crate::xml::{Cursor, Name, Parsed};

/// Reads `NonLinearAds`. VAST 3.0 has creative extensions in it; they go to the creative, as in 4.x.
pub(super) fn non_linear_ads(cursor: &mut Cursor<'_>, extensions: &mut Extensions) -> Parsed<NonLinearAds> {
    let mut ads = NonLinearAds::default();
    let mut views = Vec::new();
    read_attributes(cursor, &mut ads)?;
    while let Some(child) = cursor.child()? {
        match child {
            Name::NonLinear => non_linear(cursor, added(&mut ads.non_linears), extensions)?,
            Name::TrackingEvents => {
                tracking_events(cursor, Unit::Other, &mut ads.tracking_events, &mut ads.extra)?;
            }
            Name::Icons => icons(cursor, &mut ads.icons, &mut ads.extra)?,
            // Only in VAST 1.0 wrappers: URLs to call when the non-linear ad of the wrapped document is shown.
            Name::NonLinearImpression => view_trackers(cursor, &mut views, &mut ads.extra)?,
            _ => unknown(cursor, &mut ads.extra)?,
        }
    }
    ads.tracking_events.extend(views.into_iter().map(view));
    Ok(ads)
}

/// Reads a `NonLinear` into an empty one.
fn non_linear(cursor: &mut Cursor<'_>, ad: &mut NonLinear, extensions: &mut Extensions) -> Parsed<()> {
    let mut described = Described::read(cursor, ad)?;
    while let Some(child) = cursor.child()? {
        match child {
            Name::NonLinearClickThrough => click_through(cursor, &mut ad.click_through, &mut ad.extra)?,
            Name::NonLinearClickTracking => trackers(cursor, &mut ad.click_tracking, &mut ad.extra)?,
            Name::NonLinearCustomClick => trackers(cursor, &mut ad.custom_clicks, &mut ad.extra)?,
            Name::AdParameters => ad_parameters(cursor, &mut ad.ad_parameters, &mut ad.extra)?,
            Name::Duration => element_duration(cursor, &mut ad.duration, &mut ad.extra)?,
            Name::MediaFiles => media_files(cursor, ad)?,
            Name::TrackingEvents => {
                tracking_events(cursor, Unit::Other, &mut ad.tracking_events, &mut ad.extra)?;
            }
            Name::CreativeExtensions => container(cursor, &mut ad.extra, |cursor, child, _| {
                extensions.read(cursor, child, Name::CreativeExtension)
            })?,
            Name::Url => described.resource(cursor, &mut ad.resources, &mut ad.extra)?,
            _ => resource(cursor, child, &mut ad.resources, &mut ad.extra)?,
        }
    }
    described.keep_unused(&mut ad.extra);
    Ok(())
}

/// Reads `MediaFiles` of 4.4, which may contain only `MediaFile` and `InteractiveCreativeFile`.
fn media_files(cursor: &mut Cursor<'_>, ad: &mut NonLinear) -> Parsed<()> {
    container(cursor, &mut ad.extra, |cursor, child, rest| {
        match child {
            Name::MediaFile => media_file(cursor, &mut ad.media_files, rest)?,
            Name::InteractiveCreativeFile => {
                ad.interactive_creative_files.extend(interactive_creative_file(cursor, rest)?);
            }
            _ => unknown(cursor, rest)?,
        }
        Ok(())
    })
}
