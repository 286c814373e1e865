//! VAST 1.0, which has no creatives: `Video`, `TrackingEvents`, `CompanionAds` and `NonLinearAds` stand directly in
//! `InLine`, and the trackers and clicks of a wrapper directly in `Wrapper`.

use super::addendum::Addendum;
use super::companion::companion_ads;
use super::extension::Extensions;
use super::leaf::text;
use super::linear::{part, video_clicks};
use super::non_linear::non_linear_ads;
use super::tracking::{Unit, tracking_events};
use super::unknown::{close, duplicate, keep, unknown};
use crate::model::{CompanionAds, Creative, Extra, Linear, NonLinearAds, Tracking};
use crate::xml::{Cursor, Name, Parsed, clipped};
use crate::{Text, WarningCode};

/// The parts of creatives found so far. There should be one of each; more are creatives of their own, because a second one
/// that was only kept would become the first one when the document is written with creatives.
#[derive(Default)]
pub(super) struct Legacy {
    has_video: bool,
    ad_id: Option<Text>,
    linear: Option<Linear>,
    events: Vec<Tracking>,
    non_linear_ads: Vec<NonLinearAds>,
    companion_ads: Vec<CompanionAds>,
    extensions: Extensions,
}

/// Reads the element in hand if it is such a part, else keeps it as unknown.
pub(super) fn legacy(cursor: &mut Cursor<'_>, child: Name, legacy: &mut Legacy, extra: &mut Extra) -> Parsed<()> {
    match child {
        Name::Video if legacy.has_video => duplicate(cursor, extra),
        Name::Video => video(cursor, legacy),
        Name::VideoClicks => video_clicks(cursor, legacy.linear.get_or_insert_default()),
        Name::TrackingEvents => tracking_events(cursor, Unit::Other, &mut legacy.events, extra),
        Name::CompanionAds => {
            again(cursor, !legacy.companion_ads.is_empty())?;
            legacy.companion_ads.push(companion_ads(cursor)?);
            Ok(())
        }
        Name::NonLinearAds => {
            again(cursor, !legacy.non_linear_ads.is_empty())?;
            legacy.non_linear_ads.push(non_linear_ads(cursor, &mut legacy.extensions)?);
            Ok(())
        }
        _ => unknown(cursor, extra),
    }
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
    legacy.has_video = true;
    let linear = legacy.linear.get_or_insert_default();
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, &attribute, &mut linear.extra)?;
    }
    while let Some(child) = cursor.child()? {
        match child {
            Name::AdId if legacy.ad_id.is_none() => legacy.ad_id = text(cursor, &mut linear.extra)?,
            _ => part(cursor, child, linear)?,
        }
    }
    close(cursor, &mut linear.extra);
    name_the_interface(linear);
    Ok(())
}

/// 1.0 names the interface of the file at the parameters for it.
fn name_the_interface(linear: &mut Linear) {
    let named = linear.ad_parameters.as_ref().and_then(|parameters| parameters.api_framework.clone());
    for file in linear.media_files.iter_mut().filter(|file| file.api_framework.is_none()) {
        file.api_framework = named.clone();
    }
}

impl Legacy {
    /// One creative for each kind of part, as 2.0 has them.
    pub(super) fn into_creatives(mut self, cursor: &mut Cursor<'_>, creatives: &mut Vec<Creative>) -> Parsed<()> {
        self.share_events();
        if self.linear.is_some() || self.ad_id.is_some() {
            creatives.push(Creative { ad_id: self.ad_id, linear: self.linear, ..Creative::default() });
        }
        for ads in self.non_linear_ads {
            let Extensions { list: creative_extensions, parts } = std::mem::take(&mut self.extensions);
            let mut creative = Creative { non_linear_ads: Some(ads), creative_extensions, ..Creative::default() };
            Addendum::read(cursor, parts)?.give(std::slice::from_mut(&mut creative));
            creatives.push(creative);
        }
        for ads in self.companion_ads {
            creatives.push(Creative { companion_ads: Some(ads), ..Creative::default() });
        }
        Ok(())
    }

    /// 1.0 does not say what the events are of: the video, or without one the non-linear ad.
    fn share_events(&mut self) {
        match self.non_linear_ads.first_mut() {
            _ if self.events.is_empty() => {}
            Some(ads) if self.linear.is_none() && !ads.non_linears.is_empty() => {
                ads.tracking_events.append(&mut self.events);
            }
            _ => {
                let of_video = |tracking: Tracking| Tracking { event: tracking.event.under_linear(), ..tracking };
                let linear = self.linear.get_or_insert_default();
                linear.tracking_events.extend(self.events.drain(..).map(of_video));
            }
        }
    }
}
