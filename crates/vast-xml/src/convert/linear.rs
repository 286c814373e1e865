//! `Linear`.

use super::icon::icon;
use super::leaf::{ad_parameters, click, clicks};
use super::media::{caption_file, interactive_creative_file, media_file, mezzanine};
use super::tracking::tracking_events;
use super::unknown::unknown;
use super::walk::{Walk, leaf};
use crate::edition::Unit;
use crate::model::{Icon, InteractiveCreativeFile, Linear, Mezzanine, Place};
use crate::xml::{Key, Name};

pub(super) fn linear(walk: &mut Walk, linear: &mut Linear) {
    walk.attribute(Key::SkipOffset, &mut linear.skip_offset);
    walk.child(Name::Duration, &mut linear.duration, leaf);
    walk.child(Name::AdParameters, &mut linear.ad_parameters, ad_parameters);
    media_files(walk, linear);
    video_clicks(walk, linear);
    tracking_events(walk, Unit::Linear, &mut linear.tracking_events);
    walk.group(Name::Icons, |walk| native(walk, Name::Icon, &mut linear.icons, icon));
    unknown(walk, &mut linear.extra);
}

fn media_files(walk: &mut Walk, linear: &mut Linear) {
    walk.group(Name::MediaFiles, |walk| {
        walk.children(Name::MediaFile, &mut linear.media_files, media_file);
        native(walk, Name::Mezzanine, &mut linear.mezzanines, mezzanine);
        let programs = &mut linear.interactive_creative_files;
        native(walk, Name::InteractiveCreativeFile, programs, interactive_creative_file);
        walk.group(Name::ClosedCaptionFiles, |walk| {
            walk.children(Name::ClosedCaptionFile, &mut linear.closed_caption_files, caption_file);
        });
    });
}

fn video_clicks(walk: &mut Walk, linear: &mut Linear) {
    walk.group(Name::VideoClicks, |walk| {
        walk.child(Name::ClickThrough, &mut linear.click_through, click);
        clicks(walk, Name::ClickTracking, &mut linear.click_tracking);
        clicks(walk, Name::CustomClick, &mut linear.custom_clicks);
    });
}

/// A part that may be in an extension, where it has the form that it has there.
trait Placed {
    fn place(&self) -> Place;
}

macro_rules! placed {
    ($($part:ident)*) => {
        $(impl Placed for $part {
            fn place(&self) -> Place {
                self.place
            }
        })*
    };
}

placed! { Icon InteractiveCreativeFile Mezzanine }

/// Like [`Walk::children`], for those at their own place.
fn native<T: Placed>(walk: &mut Walk, name: Name, list: &mut Vec<T>, visit: impl FnMut(&mut Walk, &mut T)) {
    let is_native = |one: &T| one.place() == Place::Native;
    let (mut own, carried): (Vec<T>, Vec<T>) = std::mem::take(list).into_iter().partition(is_native);
    walk.children(name, &mut own, visit);
    own.extend(carried);
    *list = own;
}
