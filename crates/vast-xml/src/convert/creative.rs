//! Converts `Creatives` and everything in them.

use super::change::ChangeKind;
use super::unknown::{plain, unknown};
use super::walk::{Walk, leaf};
use crate::attributes::Placed;
use crate::edition::{Resources, Unit};
use crate::model::{
    AdParameters, Companion, CompanionAds, Creative, Delivery, FallbackImage, Icon, Linear, MediaFile, NonLinear,
    NonLinearAds, Place, Resource, Tracking,
};
use crate::text::Text;
use crate::xml::{Key, Name};

pub(super) fn creatives(walk: &mut Walk, list: &mut Vec<Creative>) {
    walk.group(Name::Creatives, |walk| {
        split(walk, list);
        walk.children(Name::Creative, list, creative);
    });
}

fn creative(walk: &mut Walk, creative: &mut Creative) {
    walk.attributes(creative);
    native(walk, Name::UniversalAdId, &mut creative.universal_ad_ids, plain);
    walk.child(Name::Linear, &mut creative.linear, linear);
    walk.child(Name::NonLinearAds, &mut creative.non_linear_ads, non_linear_ads);
    walk.child(Name::CompanionAds, &mut creative.companion_ads, companion_ads);
    unknown(walk, &mut creative.extra);
}

/// Splits creatives if the version allows only one of `Linear`, `NonLinearAds` and `CompanionAds` in a creative. The first
/// of the new creatives keeps everything that does not belong to one of these elements.
fn split(walk: &mut Walk, list: &mut Vec<Creative>) {
    if walk.edition.mixes_creatives {
        return;
    }
    for (index, mut creative) in std::mem::take(list).into_iter().enumerate() {
        let others = taken_apart(&mut creative);
        if !others.is_empty() {
            walk.inside(Name::Creative, Some(index + 1), |walk| walk.note(ChangeKind::Split));
        }
        list.push(creative);
        list.extend(others);
    }
}

fn taken_apart(creative: &mut Creative) -> Vec<Creative> {
    let named = Creative {
        id: creative.id.clone(),
        ad_id: creative.ad_id.clone(),
        sequence: creative.sequence,
        api_framework: creative.api_framework.clone(),
        ..Creative::default()
    };
    let mut others = Vec::new();
    if creative.linear.is_some() && creative.non_linear_ads.is_some() {
        others.push(Creative { non_linear_ads: creative.non_linear_ads.take(), ..named.clone() });
    }
    let has_other = creative.linear.is_some() || creative.non_linear_ads.is_some();
    if has_other && creative.companion_ads.is_some() {
        others.push(Creative { companion_ads: creative.companion_ads.take(), ..named });
    }
    others
}

fn linear(walk: &mut Walk, linear: &mut Linear) {
    walk.attributes(linear);
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
        native(walk, Name::Mezzanine, &mut linear.mezzanines, plain);
        let programs = &mut linear.interactive_creative_files;
        native(walk, Name::InteractiveCreativeFile, programs, plain);
        walk.group(Name::ClosedCaptionFiles, |walk| {
            walk.children(Name::ClosedCaptionFile, &mut linear.closed_caption_files, plain);
        });
    });
}

fn video_clicks(walk: &mut Walk, linear: &mut Linear) {
    walk.group(Name::VideoClicks, |walk| {
        walk.child(Name::ClickThrough, &mut linear.click_through, plain);
        walk.children(Name::ClickTracking, &mut linear.click_tracking, plain);
        walk.children(Name::CustomClick, &mut linear.custom_clicks, plain);
    });
}

/// Like [`Walk::children`], for native parts only. Parts that are in extensions stay unchanged.
fn native<T: Placed>(walk: &mut Walk, name: Name, list: &mut Vec<T>, visit: impl FnMut(&mut Walk, &mut T)) {
    let is_native = |one: &T| one.place() == Place::Native;
    let (mut own, carried): (Vec<T>, Vec<T>) = std::mem::take(list).into_iter().partition(is_native);
    walk.children(name, &mut own, visit);
    own.extend(carried);
    *list = own;
}

fn media_file(walk: &mut Walk, file: &mut MediaFile) {
    bitrates(walk, file);
    walk.attributes(file);
    unknown(walk, &mut file.extra);
}

/// Leaves either one bitrate or a range (VAST 4.3, section 3.9.1). If a file has both, a streaming file keeps the range
/// if it has both limits; every other file keeps the bitrate. If one limit is missing, it is set to the other.
fn bitrates(walk: &mut Walk, file: &mut MediaFile) {
    let has_range = file.min_bitrate.is_some() && file.max_bitrate.is_some();
    if file.bitrate.is_some() && has_range && file.delivery == Some(Delivery::Streaming) {
        forget(walk, Key::Bitrate, &mut file.bitrate);
    } else if file.bitrate.is_some() {
        forget(walk, Key::MinBitrate, &mut file.min_bitrate);
        forget(walk, Key::MaxBitrate, &mut file.max_bitrate);
    } else if !has_range {
        complete(walk, Key::MinBitrate, &mut file.min_bitrate, file.max_bitrate);
        complete(walk, Key::MaxBitrate, &mut file.max_bitrate, file.min_bitrate);
    }
}

fn forget(walk: &mut Walk, key: Key, bitrate: &mut Option<u32>) {
    if bitrate.take().is_some() {
        walk.note_attribute(key.as_str(), ChangeKind::Dropped);
    }
}

fn complete(walk: &mut Walk, key: Key, bitrate: &mut Option<u32>, other: Option<u32>) {
    if let (None, Some(other)) = (*bitrate, other) {
        *bitrate = Some(other);
        walk.note_attribute(key.as_str(), ChangeKind::Filled { with: other.to_string() });
    }
}

/// Drops trackers whose event the version does not have, and renames the other events to the version's names. A document
/// must not mix the event names of different versions.
fn tracking_events(walk: &mut Walk, unit: Unit, list: &mut Vec<Tracking>) {
    let has_group = walk.knows(Name::TrackingEvents);
    walk.group(Name::TrackingEvents, |walk| {
        let mut number = 0;
        list.retain_mut(|one| {
            number += 1;
            let stays = has_group && walk.knows_event(&one.event, unit);
            walk.inside(Name::Tracking, Some(number), |walk| match stays {
                true => tracking(walk, unit, one),
                false => walk.note(ChangeKind::Dropped),
            });
            stays
        });
    });
}

fn tracking(walk: &mut Walk, unit: Unit, tracking: &mut Tracking) {
    if let Some(known) = walk.edition.event(&tracking.event, unit)
        && *known != tracking.event
    {
        let (from, to) = (tracking.event.raw().to_owned(), known.raw().to_owned());
        tracking.event = known.clone();
        // Different events of the model can have the same name in XML, such as `close` under `Linear` and elsewhere.
        if from != to {
            walk.note_attribute(Key::Event.as_str(), ChangeKind::Renamed { from, to });
        }
    }
    walk.attributes(tracking);
    unknown(walk, &mut tracking.extra);
}

fn non_linear_ads(walk: &mut Walk, ads: &mut NonLinearAds) {
    raise_trackers(ads);
    tracking_events(walk, Unit::Other, &mut ads.tracking_events);
    walk.children(Name::NonLinear, &mut ads.non_linears, non_linear);
    walk.group(Name::Icons, |walk| walk.children(Name::Icon, &mut ads.icons, icon));
    unknown(walk, &mut ads.extra);
}

/// Some servers put trackers into `NonLinear`. If there is only one, they are moved to `NonLinearAds`, where every version
/// has them.
fn raise_trackers(ads: &mut NonLinearAds) {
    if let [only] = ads.non_linears.as_mut_slice() {
        ads.tracking_events.append(&mut only.tracking_events);
    }
}

fn non_linear(walk: &mut Walk, ad: &mut NonLinear) {
    walk.attributes(ad);
    resources(walk, &mut ad.resources);
    walk.child(Name::AdParameters, &mut ad.ad_parameters, ad_parameters);
    walk.child(Name::NonLinearClickThrough, &mut ad.click_through, plain);
    walk.children(Name::NonLinearClickTracking, &mut ad.click_tracking, plain);
    walk.children(Name::NonLinearCustomClick, &mut ad.custom_clicks, plain);
    walk.child(Name::Duration, &mut ad.duration, leaf);
    walk.group(Name::MediaFiles, |walk| {
        walk.children(Name::MediaFile, &mut ad.media_files, media_file);
        let programs = &mut ad.interactive_creative_files;
        walk.children(Name::InteractiveCreativeFile, programs, plain);
    });
    tracking_events(walk, Unit::Other, &mut ad.tracking_events);
    unknown(walk, &mut ad.extra);
}

fn companion_ads(walk: &mut Walk, ads: &mut CompanionAds) {
    walk.attributes(ads);
    walk.children(Name::Companion, &mut ads.companions, companion);
    unknown(walk, &mut ads.extra);
}

fn companion(walk: &mut Walk, companion: &mut Companion) {
    walk.attributes(companion);
    resources(walk, &mut companion.resources);
    walk.child(Name::AdParameters, &mut companion.ad_parameters, ad_parameters);
    walk.child(Name::AltText, &mut companion.alt_text, leaf);
    walk.child(Name::CompanionClickThrough, &mut companion.click_through, plain);
    walk.children(Name::CompanionClickTracking, &mut companion.click_tracking, plain);
    tracking_events(walk, Unit::Other, &mut companion.tracking_events);
    unknown(walk, &mut companion.extra);
}

fn icon(walk: &mut Walk, icon: &mut Icon) {
    walk.attributes(icon);
    resources(walk, &mut icon.resources);
    walk.group(Name::IconClicks, |walk| {
        walk.child(Name::IconClickThrough, &mut icon.click_through, plain);
        walk.children(Name::IconClickTracking, &mut icon.click_tracking, plain);
        walk.group(Name::IconClickFallbackImages, |walk| {
            walk.children(Name::IconClickFallbackImage, &mut icon.fallback_images, fallback_image);
        });
    });
    walk.children(Name::IconViewTracking, &mut icon.view_tracking, leaf);
    unknown(walk, &mut icon.extra);
}

fn fallback_image(walk: &mut Walk, image: &mut FallbackImage) {
    resources(walk, &mut image.resources);
    unknown(walk, &mut image.extra);
}

fn ad_parameters(walk: &mut Walk, parameters: &mut AdParameters) {
    decode(walk, &mut parameters.xml_encoded, &mut parameters.raw, &parameters.value);
    plain(walk, parameters);
}

/// Drops the resources that the version does not have in the current element. If the version allows only one resource, the
/// simplest one is kept.
fn resources(walk: &mut Walk, list: &mut Vec<Resource>) {
    let keeps = (walk.edition.resources == Resources::One).then(|| simplest(list)).flatten();
    let mut index = 0;
    list.retain_mut(|resource| {
        index += 1;
        let name = name_of(resource);
        let stays = walk.knows(name) && keeps.is_none_or(|keeps| keeps == index - 1);
        if stays {
            walk.inside(name, None, |walk| self::resource(walk, resource));
        } else {
            walk.note_element(name.as_str(), ChangeKind::Dropped);
        }
        stays
    });
}

/// The index of the resource that most players can show: an image rather than an iframe, an iframe rather than HTML.
fn simplest(list: &[Resource]) -> Option<usize> {
    let rank = |resource: &Resource| match resource {
        Resource::Static(_) => 0,
        Resource::IFrame(_) => 1,
        Resource::Html(_) => 2,
    };
    (0..list.len()).min_by_key(|index| rank(&list[*index]))
}

fn name_of(resource: &Resource) -> Name {
    match resource {
        Resource::Static(_) => Name::StaticResource,
        Resource::IFrame(_) => Name::IFrameResource,
        Resource::Html(_) => Name::HtmlResource,
    }
}

fn resource(walk: &mut Walk, resource: &mut Resource) {
    match resource {
        Resource::Static(file) => plain(walk, file),
        Resource::IFrame(_) => {}
        Resource::Html(html) => {
            decode(walk, &mut html.xml_encoded, &mut html.raw, &html.content);
            plain(walk, html);
        }
    }
}

/// If the version has no `@xmlEncoded`, the encoded content is replaced by the decoded one.
fn decode(walk: &mut Walk, xml_encoded: &mut Option<bool>, raw: &mut Text, decoded: &Text) {
    if *xml_encoded == Some(true) && !walk.has(Key::XmlEncoded) {
        raw.clone_from(decoded);
        *xml_encoded = None;
        walk.note(ChangeKind::Decoded);
    }
}
