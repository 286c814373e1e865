//! The answer as one document: every ad an `InLine` that carries what the wrappers above it gave.

use vast_xml::model::{
    Ad, AdKind, Companion, CompanionAds, Creative, InLine, Linear, NonLinearAds, Vast, ViewableImpression,
};

use crate::ad::{CompanionSet, Inherited, MergedCompanion, MergedViewability, ResolvedAd};
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
    let mut ad = merged(&candidate.ad);
    if let AdKind::InLine(inline) = &mut ad.kind
        && is_tracked
    {
        inline.impressions.clear();
    }
    ad
}

/// The ad as one `InLine` that carries what the wrappers above it gave.
pub(crate) fn merged(ad: &ResolvedAd) -> Ad {
    let inline = InLine {
        impressions: items(ad.impressions()),
        errors: items(ad.errors()),
        creatives: creatives(ad),
        pricing: ad.pricing().map(|pricing| pricing.item.clone()),
        viewable_impression: ad.viewability().map(viewable_impression),
        ad_verifications: items(ad.verifications()),
        extensions: items(ad.extensions()),
        ..(*ad.inline).clone()
    };
    Ad {
        id: ad.id.clone(),
        sequence: ad.sequence,
        ad_type: ad.ad_type.clone(),
        conditional_ad: ad.conditional_ad,
        kind: AdKind::InLine(Box::new(inline)),
        ..Ad::default()
    }
}

fn items<'a, T: Clone + 'a>(inherited: impl IntoIterator<Item = Inherited<'a, T>>) -> Vec<T> {
    inherited.into_iter().map(|inherited| inherited.item.clone()).collect()
}

/// The ad's creatives with what they inherit, and the wrappers' companions behind them.
fn creatives(ad: &ResolvedAd) -> Vec<Creative> {
    let mut creatives = ad.inline.creatives.clone();
    for (index, creative) in creatives.iter_mut().enumerate() {
        if let Some(linear) = &mut creative.linear {
            merge_linear(ad, index, linear);
        }
        if let Some(ads) = &mut creative.non_linear_ads {
            merge_non_linear_ads(ad, index, ads);
        }
    }
    let mut sets = ad.companions().into_iter();
    for (ads, set) in creatives.iter_mut().filter_map(|creative| creative.companion_ads.as_mut()).zip(&mut sets) {
        ads.companions = companions(&set);
    }
    creatives.extend(sets.map(|set| companions_only(&set)));
    creatives
}

fn merge_linear(ad: &ResolvedAd, index: usize, linear: &mut Linear) {
    linear.tracking_events = items(ad.tracking(index));
    linear.click_tracking = items(ad.click_tracking(index));
    linear.custom_clicks = items(ad.custom_clicks(index));
    linear.click_through = ad.click_through(index).map(|click| click.item.clone());
    linear.icons = items(ad.icons(index));
}

fn merge_non_linear_ads(ad: &ResolvedAd, index: usize, ads: &mut NonLinearAds) {
    ads.tracking_events = items(ad.non_linear_tracking(index));
    for (place, non_linear) in ads.non_linears.iter_mut().enumerate() {
        non_linear.click_tracking = items(ad.non_linear_click_tracking(index, place));
        non_linear.custom_clicks = items(ad.non_linear_custom_clicks(index, place));
    }
}

fn companions(set: &CompanionSet<'_>) -> Vec<Companion> {
    let merged = |companion: &MergedCompanion<'_>| Companion {
        tracking_events: items(companion.tracking()),
        click_tracking: items(companion.click_tracking()),
        ..companion.companion.item.clone()
    };
    set.companions.iter().map(merged).collect()
}

/// The companions of a wrapper, without anything else of its creative.
fn companions_only(set: &CompanionSet<'_>) -> Creative {
    let creative = set.creative.item;
    let ads = CompanionAds { companions: companions(set), ..creative.companion_ads.clone().unwrap_or_default() };
    Creative {
        id: creative.id.clone(),
        ad_id: creative.ad_id.clone(),
        sequence: creative.sequence,
        companion_ads: Some(ads),
        ..Creative::default()
    }
}

fn viewable_impression(merged: MergedViewability<'_>) -> ViewableImpression {
    ViewableImpression {
        id: merged.id.cloned(),
        viewable: items(merged.viewable),
        not_viewable: items(merged.not_viewable),
        view_undetermined: items(merged.view_undetermined),
        ..ViewableImpression::default()
    }
}
