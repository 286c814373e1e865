//! Creatives: linear ads with their files, and what is shown beside and over the video.

use vast_xml::model::{
    AdParameters, ClosedCaptionFile, Creative, InteractiveCreativeFile, Linear, MediaFile, Mezzanine, UniversalAdId,
};

use super::page::Page;
use super::style::Piece;
use super::table::{Side, Table};
use super::tally::Tally;
use super::trackers::trackers;
use super::{beside, extras, media, units};

/// All creatives of an ad, in the order of the document.
pub(super) fn write(page: &mut Page, creatives: &[Creative]) {
    for creative in creatives {
        if let Some(linear) = &creative.linear {
            write_linear(page, creative, linear);
        }
        if let Some(ads) = &creative.non_linear_ads {
            beside::non_linears(page, ads);
        }
        if let Some(ads) = &creative.companion_ads {
            beside::companions(page, ads);
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
    page.table("runs", interactive(&linear.interactive_creative_files));
    page.table("mezzanine", mezzanines(&linear.mezzanines));
    page.table("captions", captions(&linear.closed_caption_files));
    page.field("parameters", &linear.ad_parameters.as_ref().map_or_else(String::new, parameters));
    if let Some(click) = &linear.click_through {
        page.field("click", &click.url);
    }
    let clicks = Tally::default().clicks(linear.click_tracking.len(), linear.custom_clicks.len());
    trackers(page, linear.tracking_events.iter(), clicks);
    extras::icons(page, &linear.icons);
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

/// A row per interactive file: type, the framework that runs it, URL.
fn interactive(files: &[InteractiveCreativeFile]) -> Table {
    let mut table = Table::new([("", Side::Left); 3]);
    for file in files {
        let varies = (file.variable_duration == Some(true)).then(|| "may run longer".to_owned());
        table.row([
            Piece::plain(file.mime_type.as_deref().unwrap_or("no type")),
            Piece::plain(&media::joined([media::labelled("needs", file.api_framework.as_ref()), varies])),
            Piece::plain(&file.url),
        ]);
    }
    table
}

/// A row per file that only a server may use.
fn mezzanines(files: &[Mezzanine]) -> Table {
    let mut table = Table::new([("", Side::Left); 4]);
    for file in files {
        table.row([
            Piece::plain(file.mime_type.as_deref().unwrap_or("no type")),
            Piece::plain(&units::size(file.width, file.height).unwrap_or_default()),
            Piece::plain(file.codec.as_deref().unwrap_or_default()),
            Piece::plain(&file.url),
        ]);
    }
    table
}

fn captions(files: &[ClosedCaptionFile]) -> Table {
    let mut table = Table::new([("", Side::Left); 3]);
    for file in files {
        table.row([
            Piece::plain(file.mime_type.as_deref().unwrap_or("no type")),
            Piece::plain(file.language.as_deref().unwrap_or_default()),
            Piece::plain(&file.url),
        ]);
    }
    table
}

fn parameters(parameters: &AdParameters) -> String {
    format!("{} for the creative", units::count(parameters.value.len(), "byte"))
}

/// `3: a, b, c`; nothing for none, and no count for one.
fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.len() {
        0 | 1 => items.concat(),
        number => format!("{number}: {}", items.join(", ")),
    }
}
