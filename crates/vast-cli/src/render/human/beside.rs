//! What is shown beside and over the video: companions and non-linear ads.

use vast_xml::model::{Click, Companion, CompanionAds, NonLinear, NonLinearAds, RenderingMode, Required};

use super::page::Page;
use super::style::Piece;
use super::table::{Side, Table};
use super::tally::Tally;
use super::trackers::trackers;
use super::{extras, media, resource, units};

/// A row per companion: size, kinds of resources, where it goes, what runs it, URL.
pub(super) fn companions(page: &mut Page, ads: &CompanionAds) {
    let needed = ads.required.as_ref().filter(|needed| **needed != Required::None);
    let mut table = Table::new([("", Side::Left); 6]);
    for companion in &ads.companions {
        let Companion { width, height, rendering_mode, ad_slot_id, api_framework, resources, .. } = companion;
        table.row([
            size(*width, *height),
            Piece::plain(&resource::kinds(resources, None)),
            Piece::plain(rendering_mode.as_ref().map_or("", mode)),
            Piece::plain(&media::labelled("slot", ad_slot_id.as_ref()).unwrap_or_default()),
            Piece::plain(&media::labelled("needs", api_framework.as_ref()).unwrap_or_default()),
            Piece::plain(resource::url(resources)),
        ]);
    }
    page.table("companions", table);
    page.field("", &needed.map_or_else(String::new, |needed| format!("required: {}", required(needed))));
    clicks(page, ads.companions.iter().filter_map(|companion| companion.click_through.as_ref()));
    let click_trackers = ads.companions.iter().map(|companion| companion.click_tracking.len()).sum();
    let events = ads.companions.iter().flat_map(|companion| &companion.tracking_events);
    trackers(page, events, Tally::default().clicks(click_trackers, 0));
}

/// A row per non-linear ad: size, kinds of resources, how long, what runs it, URL.
pub(super) fn non_linears(page: &mut Page, ads: &NonLinearAds) {
    let mut table = Table::new([("", Side::Left); 5]);
    for ad in &ads.non_linears {
        let file = ad.media_files.first();
        let shown =
            if ad.resources.is_empty() { file.map_or("", |file| &file.url) } else { resource::url(&ad.resources) };
        table.row([
            size(ad.width, ad.height),
            Piece::plain(&resource::kinds(&ad.resources, file)),
            Piece::plain(&time(ad)),
            Piece::plain(&media::labelled("needs", ad.api_framework.as_ref()).unwrap_or_default()),
            Piece::plain(shown),
        ]);
    }
    page.table("nonlinear", table);
    clicks(page, ads.non_linears.iter().filter_map(|ad| ad.click_through.as_ref()));
    let sum = |list: fn(&NonLinear) -> usize| ads.non_linears.iter().map(list).sum();
    let clicks = Tally::default().clicks(sum(|ad| ad.click_tracking.len()), sum(|ad| ad.custom_clicks.len()));
    let inner = ads.non_linears.iter().flat_map(|ad| &ad.tracking_events);
    trackers(page, ads.tracking_events.iter().chain(inner), clicks);
    extras::icons(page, &ads.icons);
}

fn size(width: Option<u32>, height: Option<u32>) -> Piece {
    Piece::plain(&units::size(width, height).unwrap_or_else(|| "any size".to_owned()))
}

fn clicks<'a>(page: &mut Page, clicks: impl Iterator<Item = &'a Click>) {
    for (index, click) in clicks.enumerate() {
        page.field(if index == 0 { "click" } else { "" }, &click.url);
    }
}

/// `20 s, at least 5 s`.
fn time(ad: &NonLinear) -> String {
    let least = ad.min_suggested_duration.map(|least| format!("at least {}", units::length(least)));
    media::joined([ad.duration.map(units::length), least])
}

fn required(required: &Required) -> &str {
    match required {
        Required::All => "all",
        Required::Any => "any",
        Required::None => "none",
        Required::Other(other) => other,
        _ => "",
    }
}

fn mode(mode: &RenderingMode) -> &str {
    match mode {
        RenderingMode::Default => "",
        RenderingMode::EndCard => "end-card",
        RenderingMode::Concurrent => "concurrent",
        RenderingMode::Other(other) => other,
        _ => "",
    }
}
