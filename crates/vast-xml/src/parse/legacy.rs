//! VAST 1.0, which has no creatives: `Video`, `TrackingEvents`, `CompanionAds` and `NonLinearAds` are directly in
//! `InLine`, and the trackers and clicks of a wrapper are directly in `Wrapper`. In documents of other versions they are at
//! a wrong place.

use super::addendum::Addendum;
use super::companion::companion_ads;
use super::extension::Extensions;
use super::leaf::text;
use super::linear::{clicks, part};
use super::non_linear::non_linear_ads;
use super::tracking::tracking_events;
use super::unknown::{as_element, container, keep_of_child, unknown};
use crate::attributes::read_attributes;
use crate::edition::Unit;
use crate::model::{CompanionAds, Creative, Extra, Linear, NonLinearAds, Tracking};
use crate::text::Text;
use crate::warning::WarningCode;
use crate::xml::{Cursor, Name, Parsed, clipped};

/// The parts of creatives that were read. There should be one of each kind. Each additional one becomes a separate
/// creative. If it were kept as an unknown element, its place would change when the document is written with creatives.
#[derive(Default)]
pub(super) struct Legacy {
    videos: Vec<Video>,
    /// The `VideoClicks` outside `Video`.
    clicks: Linear,
    /// The `TrackingEvents` outside `Video`, and the unknown parts of that element.
    events: Vec<Tracking>,
    events_extra: Extra,
    non_linear_ads: Vec<(NonLinearAds, Extensions)>,
    companion_ads: Vec<CompanionAds>,
}

/// A `Video`: a linear ad with the ad id of its creative.
#[derive(Default)]
struct Video {
    linear: Linear,
    ad_id: Option<Text>,
    extensions: Extensions,
}

/// Reads an element if it is a part of a VAST 1.0 creative, else keeps it as unknown.
pub(super) fn legacy(
    cursor: &mut Cursor<'_>,
    child: Name,
    legacy: &mut Option<Box<Legacy>>,
    extra: &mut Extra,
) -> Parsed<()> {
    if !cursor.is_first_version() {
        return unknown(cursor, extra);
    }
    let legacy = legacy.get_or_insert_default();
    match child {
        Name::Video => {
            again(cursor, !legacy.videos.is_empty())?;
            video(cursor, legacy)
        }
        Name::VideoClicks => video_clicks(cursor, legacy),
        Name::TrackingEvents => tracking_events(cursor, Unit::Other, &mut legacy.events, &mut legacy.events_extra),
        Name::CompanionAds => {
            again(cursor, !legacy.companion_ads.is_empty())?;
            legacy.companion_ads.push(companion_ads(cursor)?);
            Ok(())
        }
        Name::NonLinearAds => {
            again(cursor, !legacy.non_linear_ads.is_empty())?;
            let mut extensions = Extensions::default();
            let ads = non_linear_ads(cursor, &mut extensions)?;
            legacy.non_linear_ads.push((ads, extensions));
            Ok(())
        }
        _ => unknown(cursor, extra),
    }
}

/// Reads the `VideoClicks` outside `Video`. An ad has one landing page, so only the first one counts.
fn video_clicks(cursor: &mut Cursor<'_>, legacy: &mut Legacy) -> Parsed<()> {
    let mut extra = std::mem::take(&mut legacy.clicks.extra);
    let first = legacy.videos.first().and_then(|video| video.linear.click_through.clone());
    let is_taken = first.is_some();
    let into = &mut legacy.clicks;
    into.click_through = first.or(into.click_through.take());
    container(cursor, &mut extra, |cursor, child, rest| clicks(cursor, child, into, rest))?;
    into.click_through = into.click_through.take().filter(|_| !is_taken);
    into.extra = extra;
    Ok(())
}

fn again(cursor: &mut Cursor<'_>, is_second: bool) -> Parsed<()> {
    if !is_second {
        return Ok(());
    }
    let message = format!("<{}> is repeated: it becomes a separate creative", clipped(cursor.tag_name()));
    cursor.warn(WarningCode::DuplicateElement, message)
}

fn video(cursor: &mut Cursor<'_>, legacy: &mut Legacy) -> Parsed<()> {
    let click_through = legacy.clicks.click_through.take();
    let mut video = Video { linear: Linear { click_through, ..Linear::default() }, ..Video::default() };
    let (linear, extensions) = (&mut video.linear, &mut video.extensions);
    read_attributes(cursor, linear)?;
    while let Some(child) = cursor.child()? {
        match child {
            Name::AdId if video.ad_id.is_none() => video.ad_id = ad_id(cursor, &mut linear.extra)?,
            Name::CreativeExtensions => container(cursor, &mut linear.extra, |cursor, child, _| {
                extensions.read(cursor, child, Name::CreativeExtension)
            })?,
            _ => part(cursor, child, linear)?,
        }
    }
    name_the_interface(linear);
    legacy.videos.push(video);
    Ok(())
}

/// Reads an `AdID`, which becomes an attribute of the creative. Its unknown parts are kept as unknown elements in `outer`.
pub(super) fn ad_id(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<Text>> {
    let mut extra = Extra::default();
    let mut read = None;
    text(cursor, &mut extra, &mut read)?;
    if !extra.is_empty() {
        outer.elements.append(&mut extra.elements);
        let children = std::mem::take(&mut extra.children).into_iter();
        outer.elements.extend(children.map(|child| as_element(&child.name, child.extra)));
    }
    Ok(read)
}

/// Copies `apiFramework` from the parameters to the media files: VAST 1.0 has it at `AdParameters`.
fn name_the_interface(linear: &mut Linear) {
    let named = linear.ad_parameters.as_ref().and_then(|parameters| parameters.api_framework.clone());
    let Some(named) = named else { return };
    for file in linear.media_files.iter_mut().filter(|file| file.api_framework.is_none()) {
        file.api_framework = Some(named.clone());
    }
}

impl Legacy {
    /// Adds a creative for each part, as VAST 2.0 has them.
    pub(super) fn into_creatives(
        mut self,
        cursor: &mut Cursor<'_>,
        creatives: &mut Vec<Creative>,
        extra: &mut Extra,
    ) -> Parsed<()> {
        self.share();
        // These unknown parts are left if no creative was made for their group. A click through that the video has already is among
        // them: it stays with the video, because alone it would be read again as one of the ad.
        merge(extra, std::mem::take(&mut self.events_extra));
        let clicks_extra = std::mem::take(&mut self.clicks.extra);
        merge(self.videos.first_mut().map_or(extra, |video| &mut video.linear.extra), clicks_extra);
        for Video { linear, ad_id, extensions } in self.videos {
            let creative = Creative { ad_id, linear: Some(linear), ..Creative::default() };
            creatives.push(finished(cursor, creative, extensions)?);
        }
        for (ads, extensions) in self.non_linear_ads {
            let creative = Creative { non_linear_ads: Some(ads), ..Creative::default() };
            creatives.push(finished(cursor, creative, extensions)?);
        }
        for ads in self.companion_ads {
            let creative = Creative { companion_ads: Some(ads), ..Creative::default() };
            creatives.push(finished(cursor, creative, Extensions::default())?);
        }
        Ok(())
    }

    /// Moves events and clicks into the ads. VAST 1.0 does not define to which ad the events belong: they are moved to
    /// the video, or to the first non-linear ad if there is no video. The clicks are moved to the video.
    fn share(&mut self) {
        let Linear { click_through, click_tracking, custom_clicks, .. } = &self.clicks;
        let has_clicks = click_through.is_some() || !click_tracking.is_empty() || !custom_clicks.is_empty();
        match self.non_linear_ads.first_mut() {
            _ if self.events.is_empty() => {}
            Some((ads, _)) if self.videos.is_empty() && !has_clicks && !ads.non_linears.is_empty() => {
                ads.tracking_events.append(&mut self.events);
                merge(&mut ads.extra, std::mem::take(&mut self.events_extra));
            }
            _ => {
                let of_video = |tracking: Tracking| Tracking { event: tracking.event.under_linear(), ..tracking };
                let (events, extra) = (std::mem::take(&mut self.events), std::mem::take(&mut self.events_extra));
                let linear = self.first_video();
                merge(&mut linear.extra, extra);
                linear.tracking_events.extend(events.into_iter().map(of_video));
            }
        }
        if has_clicks {
            let clicks = std::mem::take(&mut self.clicks);
            let linear = self.first_video();
            let Linear { click_through, click_tracking, custom_clicks, extra, .. } = clicks;
            merge(&mut linear.extra, extra);
            linear.click_through = linear.click_through.take().or(click_through);
            linear.click_tracking.extend(click_tracking);
            linear.custom_clicks.extend(custom_clicks);
        }
    }
}

impl Legacy {
    fn first_video(&mut self) -> &mut Linear {
        if self.videos.is_empty() {
            self.videos.push(Video::default());
        }
        &mut self.videos[0].linear
    }
}

/// Adds unknown parts to those of another element.
fn merge(into: &mut Extra, mut extra: Extra) {
    if !extra.is_empty() {
        into.elements.append(&mut extra.elements);
        for child in std::mem::take(&mut extra.children) {
            keep_of_child(into, Name::find(&child.name).0, child.index, child.extra);
        }
    }
}

/// The creative with its extensions and the standard's parts in them.
fn finished(cursor: &mut Cursor<'_>, mut creative: Creative, extensions: Extensions) -> Parsed<Creative> {
    creative.creative_extensions = extensions.list;
    Addendum::read(cursor, extensions.parts)?.give(std::slice::from_mut(&mut creative));
    Ok(creative)
}
