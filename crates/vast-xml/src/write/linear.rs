//! `Linear` (VAST 4.3, sections 3.8 and 3.10).

use super::addendum::Carried;
use super::click::clicks;
use super::extra::{Rest, attributes};
use super::icon::icons;
use super::leaf::value;
use super::media::Files;
use super::parameters::ad_parameters;
use super::tracking::tracking_events;
use crate::model::{Linear, Offset};
use crate::xml::{Emit, Key, Name};

pub(super) fn linear(out: &mut Emit, linear: &Linear, carried: Carried<'_>) {
    let mut rest = Rest::of(&linear.extra);
    out.start(Name::Linear);
    out.attribute(Key::SkipOffset, linear.skip_offset);
    attributes(out, &linear.extra);
    icons(out, &mut rest, carried.others(Name::Icon, &linear.icons));
    tracking_events(out, &mut rest, &linear.tracking_events);
    ad_parameters(out, linear.ad_parameters.as_ref());
    value(out, &mut rest, Name::Duration, linear.duration.map(Offset::Time));
    let files = Files {
        captions: &linear.closed_caption_files,
        media: &linear.media_files,
        mezzanines: carried.others(Name::Mezzanine, &linear.mezzanines),
        interactive: carried.others(Name::InteractiveCreativeFile, &linear.interactive_creative_files),
    };
    files.write(out, &mut rest);
    video_clicks(out, &mut rest, linear);
    rest.close(out);
    out.end();
}

fn video_clicks(out: &mut Emit, rest: &mut Rest<'_>, linear: &Linear) {
    if linear.click_tracking.is_empty() && linear.click_through.is_none() && linear.custom_clicks.is_empty() {
        return;
    }
    let inner = rest.group(out, Name::VideoClicks);
    clicks(out, Name::ClickTracking, &linear.click_tracking);
    clicks(out, Name::ClickThrough, &linear.click_through);
    clicks(out, Name::CustomClick, &linear.custom_clicks);
    inner.close(out);
    out.end();
}
