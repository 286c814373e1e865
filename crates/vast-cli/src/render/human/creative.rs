//! Creatives: linear ads with their files, non-linear ads and companions.

use vast_xml::model::{
    AdParameters, ClosedCaptionFile, Creative, InteractiveCreativeFile, Linear, MediaFile, Mezzanine, UniversalAdId,
};

use super::tracker_counts::{ClickTrackers, trackers};
use super::{ad_parts, companion, media, units};
use crate::render::layout::{Align, Page, StyledText, TextTable};

/// All creatives of an ad, in the order of the document.
pub(super) fn write(page: &mut Page, creatives: &[Creative]) {
    for creative in creatives {
        if let Some(linear) = &creative.linear {
            write_linear(page, creative, linear);
        }
        if let Some(ads) = &creative.non_linear_ads {
            companion::non_linears(page, ads);
        }
        if let Some(ads) = &creative.companion_ads {
            companion::companions(page, ads);
        }
        ad_parts::extensions(page, &creative.creative_extensions);
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
    let clicks = linear.click_tracking.iter().collect();
    let clicks = ClickTrackers { clicks, custom_clicks: linear.custom_clicks.iter().collect() };
    trackers(page, linear.tracking_events.iter(), &clicks);
    ad_parts::icons(page, &linear.icons);
}

fn universal_id(id: &UniversalAdId) -> String {
    format!("{} {}", id.registry.as_deref().unwrap_or_default(), id.value)
}

/// A row per media file: type, size, bitrate, codec, API framework and unusual delivery, URL.
fn files(files: &[MediaFile]) -> TextTable {
    let left = ("", Align::Left);
    let mut table = TextTable::new([left, left, ("", Align::Right), left, left, left]);
    for file in files {
        table.row([
            StyledText::plain(&media::mime_type(file)),
            StyledText::plain(&units::size(file.width, file.height).unwrap_or_default()),
            StyledText::plain(&media::bitrate(file).unwrap_or_default()),
            StyledText::plain(file.codec.as_deref().unwrap_or_default()),
            StyledText::plain(&media::unusual(file)),
            StyledText::plain(&file.url),
        ]);
    }
    table
}

/// A row per interactive file: type, API framework, URL.
fn interactive(files: &[InteractiveCreativeFile]) -> TextTable {
    let mut table = TextTable::new([("", Align::Left); 3]);
    for file in files {
        let varies = (file.variable_duration == Some(true)).then(|| "may run longer".to_owned());
        table.row([
            StyledText::plain(file.mime_type.as_deref().unwrap_or("no type")),
            StyledText::plain(&media::joined([media::labelled("needs", file.api_framework.as_ref()), varies])),
            StyledText::plain(&file.url),
        ]);
    }
    table
}

/// A row per mezzanine file.
fn mezzanines(files: &[Mezzanine]) -> TextTable {
    let mut table = TextTable::new([("", Align::Left); 4]);
    for file in files {
        table.row([
            StyledText::plain(file.mime_type.as_deref().unwrap_or("no type")),
            StyledText::plain(&units::size(file.width, file.height).unwrap_or_default()),
            StyledText::plain(file.codec.as_deref().unwrap_or_default()),
            StyledText::plain(&file.url),
        ]);
    }
    table
}

fn captions(files: &[ClosedCaptionFile]) -> TextTable {
    let mut table = TextTable::new([("", Align::Left); 3]);
    for file in files {
        table.row([
            StyledText::plain(file.mime_type.as_deref().unwrap_or("no type")),
            StyledText::plain(file.language.as_deref().unwrap_or_default()),
            StyledText::plain(&file.url),
        ]);
    }
    table
}

fn parameters(parameters: &AdParameters) -> String {
    format!("{} for the creative", units::count(parameters.value.len(), "byte"))
}

/// The number of items and the items, for example `3: a, b, c`; only `a` for one item; empty if there is no item.
fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.len() {
        0 | 1 => items.concat(),
        number => format!("{number}: {}", items.join(", ")),
    }
}
