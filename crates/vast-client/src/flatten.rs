//! The answer as one document: every ad an `InLine` that carries what the wrappers above it gave.

use vast_xml::model::{Ad, AdKind, CompanionAds, Creative, Icon, InLine, Linear, Vast, ViewableImpression};

use crate::ad::{ResolvedAd, WrapperLevel};
use crate::report::FetchResult;
use crate::select::Candidate;
use crate::track::BeaconEvent;

/// The version written when no document of the answer says one: the newest whose schema is published.
const NEWEST: &str = "4.2";

/// The answer as one document without wrappers. Impressions that were put into the outbox are left out: whoever plays the
/// document would call them a second time. Macros stay, for the player to fill in. Without an ad the document is empty,
/// which is a valid answer (VAST 4.3 section 3.2.1).
pub fn flatten(result: &FetchResult) -> Vast {
    let version = result.ads.iter().find_map(|candidate| candidate.ad.document.version.clone());
    let is_tracked = result.tracked.iter().any(|tracked| tracked.event == BeaconEvent::Impression);
    let ads = result.ads.iter().map(|candidate| flat(candidate, is_tracked)).collect();
    Vast { version: Some(version.unwrap_or_else(|| NEWEST.into())), ads, ..Vast::default() }
}

fn flat(candidate: &Candidate, is_tracked: bool) -> Ad {
    let ad = &candidate.ad;
    let mut inline = InLine {
        impressions: ad.impressions().map(|impression| impression.item.clone()).collect(),
        errors: ad.errors().map(|error| error.item.clone()).collect(),
        creatives: creatives(ad),
        pricing: ad.wrappers.iter().find_map(|level| level.wrapper.pricing.clone()).or(ad.inline.pricing.clone()),
        viewable_impression: viewable_impression(ad),
        ..(*ad.inline).clone()
    };
    if is_tracked {
        inline.impressions.clear();
    }
    let above = |level: &WrapperLevel| level.wrapper.ad_verifications.clone();
    inline.ad_verifications.splice(0..0, ad.wrappers.iter().flat_map(|level| above(level)));
    inline.extensions.splice(0..0, ad.wrappers.iter().flat_map(|level| level.wrapper.extensions.clone()));
    Ad {
        id: ad.id.clone(),
        sequence: ad.sequence,
        ad_type: ad.ad_type.clone(),
        kind: AdKind::InLine(Box::new(inline)),
        ..Ad::default()
    }
}

/// The ad's creatives with the trackers of all levels, and the wrappers' companions behind them.
fn creatives(ad: &ResolvedAd) -> Vec<Creative> {
    let mut creatives = ad.inline.creatives.clone();
    for (index, creative) in creatives.iter_mut().enumerate() {
        if let Some(linear) = &mut creative.linear {
            merge_linear(ad, index, linear);
        }
    }
    creatives.extend(ad.wrappers.iter().flat_map(|level| companions(level)));
    creatives
}

fn merge_linear(ad: &ResolvedAd, index: usize, linear: &mut Linear) {
    linear.tracking_events = ad.tracking(index).map(|tracking| tracking.item.clone()).collect();
    linear.click_tracking = ad.click_tracking(index).map(|click| click.item.clone()).collect();
    linear.custom_clicks = ad.custom_clicks(index).map(|click| click.item.clone()).collect();
    linear.click_through = ad.click_through(index).map(|click| click.item.clone());
    // Nearest to the creative first: of one program only its icon is shown.
    for icon in ad.wrappers.iter().rev().flat_map(|level| icons(level)) {
        let is_shown = icon.program.is_some() && linear.icons.iter().any(|own| own.program == icon.program);
        if !is_shown {
            linear.icons.push(icon.clone());
        }
    }
}

fn icons(level: &WrapperLevel) -> impl Iterator<Item = &Icon> {
    level.wrapper.creatives.iter().filter_map(|creative| creative.linear.as_ref()).flat_map(|linear| &linear.icons)
}

fn companions(level: &WrapperLevel) -> impl Iterator<Item = Creative> {
    let with = |creative: &Creative, companion_ads: CompanionAds| Creative {
        id: creative.id.clone(),
        ad_id: creative.ad_id.clone(),
        sequence: creative.sequence,
        companion_ads: Some(companion_ads),
        ..Creative::default()
    };
    level.wrapper.creatives.iter().filter_map(move |creative| Some(with(creative, creative.companion_ads.clone()?)))
}

fn viewable_impression(ad: &ResolvedAd) -> Option<ViewableImpression> {
    let levels = ad.wrappers.iter().map(|level| &level.wrapper.viewable_impression);
    let mut merged: Option<ViewableImpression> = None;
    for level in levels.chain([&ad.inline.viewable_impression]).flatten() {
        let merged = merged.get_or_insert_default();
        merged.id = merged.id.take().or_else(|| level.id.clone());
        merged.viewable.extend_from_slice(&level.viewable);
        merged.not_viewable.extend_from_slice(&level.not_viewable);
        merged.view_undetermined.extend_from_slice(&level.view_undetermined);
    }
    merged
}
