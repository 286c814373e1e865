//! Companions and non-linear ads.

use vast_xml::model::{Click, Companion, CompanionAds, NonLinear, NonLinearAds, RenderingMode, Required};

use super::tracker_counts::{ClickTrackers, trackers};
use super::{ad_parts, media, units};
use crate::render::layout::{Align, Page, StyledText, TextTable};

/// A row per companion: size, kinds of resources, rendering mode, slot, API framework, URL.
pub(super) fn companions(page: &mut Page, ads: &CompanionAds) {
    let needed = ads.required.as_ref().filter(|needed| **needed != Required::None);
    let mut table = TextTable::new([("", Align::Left); 6]);
    for companion in &ads.companions {
        let Companion { width, height, rendering_mode, ad_slot_id, api_framework, resources, .. } = companion;
        table.row([
            size(*width, *height),
            StyledText::plain(&media::resource_kinds(resources, None)),
            StyledText::plain(rendering_mode.as_ref().map_or("", mode)),
            StyledText::plain(&media::labelled("slot", ad_slot_id.as_ref()).unwrap_or_default()),
            StyledText::plain(&media::labelled("needs", api_framework.as_ref()).unwrap_or_default()),
            StyledText::plain(media::resource_url(resources)),
        ]);
    }
    page.table("companions", table);
    page.field("", &needed.map_or_else(String::new, |needed| format!("required: {}", required(needed))));
    clicks(page, ads.companions.iter().filter_map(|companion| companion.click_through.as_ref()));
    let click_trackers = ads.companions.iter().flat_map(|companion| &companion.click_tracking).collect();
    let events = ads.companions.iter().flat_map(|companion| &companion.tracking_events);
    trackers(page, events, &ClickTrackers { clicks: click_trackers, ..ClickTrackers::default() });
}

/// A row per non-linear ad: size, kinds of resources, duration, API framework, URL.
pub(super) fn non_linears(page: &mut Page, ads: &NonLinearAds) {
    let mut table = TextTable::new([("", Align::Left); 5]);
    for ad in &ads.non_linears {
        let file = ad.media_files.first();
        let shown = if ad.resources.is_empty() {
            file.map_or("", |file| &file.url)
        } else {
            media::resource_url(&ad.resources)
        };
        table.row([
            size(ad.width, ad.height),
            StyledText::plain(&media::resource_kinds(&ad.resources, file)),
            StyledText::plain(&time(ad)),
            StyledText::plain(&media::labelled("needs", ad.api_framework.as_ref()).unwrap_or_default()),
            StyledText::plain(shown),
        ]);
    }
    page.table("nonlinear", table);
    clicks(page, ads.non_linears.iter().filter_map(|ad| ad.click_through.as_ref()));
    let clicks = ClickTrackers {
        clicks: ads.non_linears.iter().flat_map(|ad| &ad.click_tracking).collect(),
        custom_clicks: ads.non_linears.iter().flat_map(|ad| &ad.custom_clicks).collect(),
    };
    let inner = ads.non_linears.iter().flat_map(|ad| &ad.tracking_events);
    trackers(page, ads.tracking_events.iter().chain(inner), &clicks);
    ad_parts::icons(page, &ads.icons);
}

fn size(width: Option<u32>, height: Option<u32>) -> StyledText {
    StyledText::plain(&units::size(width, height).unwrap_or_else(|| "any size".to_owned()))
}

fn clicks<'a>(page: &mut Page, clicks: impl Iterator<Item = &'a Click>) {
    for (index, click) in clicks.enumerate() {
        page.field(if index == 0 { "click" } else { "" }, &click.url);
    }
}

/// The duration of a non-linear ad, for example `20 s, at least 5 s`.
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
