//! VAST 1.0, which has no creatives: `Video`, `TrackingEvents`, `CompanionAds` and `NonLinearAds` stand directly in
//! `InLine`, and the trackers and clicks of a wrapper directly in `Wrapper`.

use super::addendum::Addendum;
use super::companion::companion_ads;
use super::extension::Extensions;
use super::leaf::text;
use super::linear::{clicks, part};
use super::non_linear::non_linear_ads;
use super::tracking::{Unit, tracking_events};
use super::unknown::{close, container, duplicate, keep, unknown};
use crate::model::{CompanionAds, Creative, Extra, Linear, NonLinearAds, Tracking};
use crate::xml::{Cursor, Key, Name, OUTSIDE, Parsed, clipped, silent};
use crate::{Text, WarningCode};

/// The parts of creatives found so far. There should be one of each; more are creatives of their own, because a second one
/// that was only kept would become the first one when the document is written with creatives.
#[derive(Default)]
pub(super) struct Legacy {
    ad_id: Option<Text>,
    video: Option<(Linear, Extensions)>,
    /// Clicks beside the video.
    clicks: Linear,
    /// Events beside the video.
    events: Vec<Tracking>,
    non_linear_ads: Vec<(NonLinearAds, Extensions)>,
    companion_ads: Vec<CompanionAds>,
}

/// Reads the element in hand if it is such a part, else keeps it as unknown.
pub(super) fn legacy(cursor: &mut Cursor<'_>, child: Name, legacy: &mut Legacy, extra: &mut Extra) -> Parsed<()> {
    match child {
        Name::Video if legacy.video.is_some() => duplicate(cursor, extra),
        Name::Video => video(cursor, legacy),
        Name::VideoClicks => video_clicks(cursor, legacy, extra),
        Name::TrackingEvents => tracking_events(cursor, Unit::Other, &mut legacy.events, extra),
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

/// Clicks beside the video. There is one landing page, the first.
fn video_clicks(cursor: &mut Cursor<'_>, legacy: &mut Legacy, extra: &mut Extra) -> Parsed<()> {
    let first = legacy.video.as_ref().and_then(|(linear, _)| linear.click_through.clone());
    let is_taken = first.is_some();
    let into = &mut legacy.clicks;
    into.click_through = first.or(into.click_through.take());
    container(cursor, extra, |cursor, child, rest| clicks(cursor, child, into, rest))?;
    into.click_through = into.click_through.take().filter(|_| !is_taken);
    Ok(())
}

fn again(cursor: &mut Cursor<'_>, is_second: bool) -> Parsed<()> {
    if !is_second {
        return Ok(());
    }
    let message = format!("<{}> stands again: a creative of its own", clipped(cursor.tag_name()));
    cursor.warn(WarningCode::DuplicateElement, message)
}

fn video(cursor: &mut Cursor<'_>, legacy: &mut Legacy) -> Parsed<()> {
    cursor.stands_for(Name::Linear);
    let mut linear = Linear { click_through: legacy.clicks.click_through.take(), ..Linear::default() };
    let mut extensions = Extensions::default();
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, &attribute, &mut linear.extra)?;
    }
    while let Some(child) = cursor.child()? {
        match child {
            Name::AdId if legacy.ad_id.is_none() => legacy.ad_id = text(cursor, &mut linear.extra)?,
            Name::CreativeExtensions => container(cursor, &mut linear.extra, |cursor, child, _| {
                extensions.read(cursor, child, Name::CreativeExtension)
            })?,
            _ => part(cursor, child, &mut linear)?,
        }
    }
    close(cursor, &mut linear.extra);
    name_the_interface(&mut linear);
    legacy.video = Some((linear, extensions));
    Ok(())
}

/// 1.0 names the interface of the file at the parameters for it.
fn name_the_interface(linear: &mut Linear) {
    let named = linear.ad_parameters.as_ref().and_then(|parameters| parameters.api_framework.clone());
    let Some(named) = named else { return };
    for file in linear.media_files.iter_mut().filter(|file| file.api_framework.is_none()) {
        file.extra.layout.add(silent(Key::ApiFramework), Some(named.clone()));
        file.api_framework = Some(named.clone());
    }
}

impl Legacy {
    /// One creative for each kind of part, as 2.0 has them.
    pub(super) fn into_creatives(mut self, cursor: &mut Cursor<'_>, creatives: &mut Vec<Creative>) -> Parsed<()> {
        self.share();
        if let Some((linear, extensions)) = self.video {
            let creative = Creative { ad_id: self.ad_id, linear: Some(linear), ..Creative::default() };
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

    /// 1.0 does not say what the events beside it are of: the video, or without one the non-linear ad. Its clicks are the
    /// video's.
    fn share(&mut self) {
        let has_clicks = self.clicks != Linear::default();
        match self.non_linear_ads.first_mut() {
            _ if self.events.is_empty() => {}
            Some((ads, _)) if self.video.is_none() && !has_clicks && !ads.non_linears.is_empty() => {
                ads.tracking_events.append(&mut self.events);
            }
            _ => {
                let of_video = |tracking: Tracking| Tracking { event: tracking.event.under_linear(), ..tracking };
                let (linear, _) = self.video.get_or_insert_default();
                linear.tracking_events.extend(self.events.drain(..).map(of_video));
            }
        }
        if has_clicks {
            let (linear, _) = self.video.get_or_insert_default();
            let Linear { click_through, click_tracking, custom_clicks, .. } = std::mem::take(&mut self.clicks);
            linear.click_through = linear.click_through.take().or(click_through);
            linear.click_tracking.extend(click_tracking);
            linear.custom_clicks.extend(custom_clicks);
        }
    }
}

/// A creative that its document does not have as one.
fn finished(cursor: &mut Cursor<'_>, mut creative: Creative, extensions: Extensions) -> Parsed<Creative> {
    creative.extra.layout.add([OUTSIDE], None);
    creative.creative_extensions = extensions.list;
    Addendum::read(cursor, extensions.parts)?.give(std::slice::from_mut(&mut creative));
    Ok(creative)
}
