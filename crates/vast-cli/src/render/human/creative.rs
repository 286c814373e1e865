//! Creatives: linear ads with their files, and what is shown beside and over the video.

use vast_xml::model::{Companion, Creative, Linear, MediaFile, NonLinear, Resource, Tracking, UniversalAdId};

use super::page::Page;
use super::style::{Paint, Piece};
use super::table::{Side, Table};
use super::tally::Tally;
use super::{extras, media, units};

/// All creatives of an ad, in the order of the document.
pub(super) fn write(page: &mut Page, creatives: &[Creative]) {
    for creative in creatives {
        if let Some(linear) = &creative.linear {
            write_linear(page, creative, linear);
        }
        if let Some(ads) = &creative.non_linear_ads {
            page.field("nonlinear", &listed(ads.non_linears.iter().map(non_linear)));
            trackers(page, &ads.tracking_events, Tally::default());
            extras::icons(page, &ads.icons);
        }
        if let Some(ads) = &creative.companion_ads {
            page.field("companions", &listed(ads.companions.iter().map(companion)));
        }
        extras::extensions(page, &creative.creative_extensions);
    }
}

fn write_linear(page: &mut Page, creative: &Creative, linear: &Linear) {
    page.field(
        "linear",
        &media::joined([
            linear.duration.map(units::length),
            linear.skip_offset.map(|offset| format!("skippable from {offset}")),
            creative.id.as_ref().map(|id| format!("creative {id}")),
            Some(listed(creative.universal_ad_ids.iter().filter(|id| !id.is_unknown()).map(universal_id))),
        ]),
    );
    page.table("media", files(&linear.media_files));
    page.field(
        "also",
        &media::joined([
            some(linear.mezzanines.len(), "mezzanine"),
            some(linear.interactive_creative_files.len(), "interactive file"),
            some(linear.closed_caption_files.len(), "caption file"),
            linear.ad_parameters.as_ref().map(|_| "ad parameters".to_owned()),
        ]),
    );
    if let Some(click) = &linear.click_through {
        page.field("click", &click.url);
    }
    let clicks = Tally::default().clicks(linear.click_tracking.len(), linear.custom_clicks.len());
    trackers(page, &linear.tracking_events, clicks);
    extras::icons(page, &linear.icons);
}

fn some(number: usize, one: &str) -> Option<String> {
    (number > 0).then(|| units::count(number, one))
}

fn universal_id(id: &UniversalAdId) -> String {
    format!("{} {}", id.registry.as_deref().unwrap_or_default(), id.value)
}

/// A row per media file: type, size, bitrate, codec, what is unusual, URL.
fn files(files: &[MediaFile]) -> Table {
    let left = ("", Side::Left);
    let mut table = Table::new([left, left, ("", Side::Right), left, left, left]);
    for file in files {
        table.row([
            Piece::plain(&media::mime_type(file)),
            Piece::plain(&units::size(file.width, file.height).unwrap_or_default()),
            Piece::plain(&media::bitrate(file).unwrap_or_default()),
            Piece::plain(file.codec.as_deref().unwrap_or_default()),
            Piece::plain(&media::unusual(file)),
            Piece::plain(&file.url),
        ]);
    }
    table
}

/// The trackers by event, and with all their URLs when everything is listed.
fn trackers(page: &mut Page, tracking: &[Tracking], tally: Tally) {
    page.field("trackers", &tally.events(tracking.iter()).shown());
    if !page.is_verbose() {
        return;
    }
    let mut table = Table::new([("", Side::Left), ("", Side::Left)]);
    for Tracking { event, offset, url, .. } in tracking {
        let offset = offset.map_or_else(String::new, |offset| format!(" {offset}"));
        table.row([Piece::new(&format!("{}{offset}", event.raw()), Paint::Dim), Piece::plain(url)]);
    }
    page.table("", table);
}

fn companion(companion: &Companion) -> String {
    shown(units::size(companion.width, companion.height), &companion.resources)
}

fn non_linear(non_linear: &NonLinear) -> String {
    shown(units::size(non_linear.width, non_linear.height), &non_linear.resources)
}

/// `300x250 image/png`.
fn shown(size: Option<String>, resources: &[Resource]) -> String {
    let kinds: Vec<String> = resources.iter().map(resource).collect();
    let size = size.unwrap_or_else(|| "any size".to_owned());
    if kinds.is_empty() { format!("{size} without a resource") } else { format!("{size} {}", kinds.join(" or ")) }
}

fn resource(resource: &Resource) -> String {
    match resource {
        Resource::Static(file) => file.creative_type.as_deref().unwrap_or("static").to_owned(),
        Resource::IFrame(_) => "iframe".to_owned(),
        Resource::Html(_) => "HTML".to_owned(),
        _ => "other".to_owned(),
    }
}

/// `3: a, b, c`; nothing for none, and no count for one.
fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.len() {
        0 | 1 => items.concat(),
        number => format!("{number}: {}", items.join(", ")),
    }
}
