//! Random ads: merging neither loses nor adds a tracker.

use std::fmt::Write as _;

use proptest::prelude::*;

use crate::ad::{Inherited, ResolvedAd};

/// How many URLs of each kind one level has.
#[derive(Debug, Clone, Default)]
struct Plan {
    impressions: usize,
    errors: usize,
    viewable: usize,
    /// By linear creative: trackers, click trackers.
    linears: Vec<(usize, usize)>,
    /// By creative: trackers, click trackers of its one nonlinear ad.
    non_linears: Vec<(usize, usize)>,
    /// By companion without a resource in a wrapper, with one in an ad: view trackers.
    companions: Vec<usize>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let pairs = || prop::collection::vec((0..3_usize, 0..3_usize), 0..3);
    (0..3_usize, 0..3_usize, 0..3_usize, pairs(), pairs(), prop::collection::vec(0..3_usize, 0..3)).prop_map(
        |(impressions, errors, viewable, linears, non_linears, companions)| Plan {
            impressions,
            errors,
            viewable,
            linears,
            non_linears,
            companions,
        },
    )
}

/// The URLs of a kind at a place of a level. Each contains level, kind and place, so no two are equal.
fn urls(level: usize, kind: &str, place: usize, count: usize) -> impl Iterator<Item = String> {
    let kind = kind.to_owned();
    (0..count).map(move |number| format!("https://t/{level}/{kind}/{place}/{number}"))
}

fn elements(name: &str, urls: impl Iterator<Item = String>) -> String {
    let end = name.split(' ').next().unwrap_or_default();
    urls.fold(String::new(), |mut text, url| {
        write!(text, "<{name}>{url}</{end}>").expect("writing to a text");
        text
    })
}

fn document(level: usize, plan: &Plan, kind: &str) -> String {
    let tracking = |kind: &str, place: usize, count: usize| {
        format!(
            "<TrackingEvents>{}</TrackingEvents>",
            elements("Tracking event='start'", urls(level, kind, place, count))
        )
    };
    let mut creatives = String::new();
    for (place, (events, clicks)) in plan.linears.iter().enumerate() {
        let clicks = elements("ClickTracking", urls(level, "click", place, *clicks));
        let events = tracking("event", place, *events);
        creatives += &format!("<Creative><Linear>{events}<VideoClicks>{clicks}</VideoClicks></Linear></Creative>");
    }
    for (place, (events, clicks)) in plan.non_linears.iter().enumerate() {
        let clicks = elements("NonLinearClickTracking", urls(level, "overlay-click", place, *clicks));
        let events = tracking("overlay", place, *events);
        creatives +=
            &format!("<Creative><NonLinearAds>{events}<NonLinear>{clicks}</NonLinear></NonLinearAds></Creative>");
    }
    for (place, views) in plan.companions.iter().enumerate() {
        let resource = if kind == "InLine" { "<StaticResource>https://p</StaticResource>" } else { "" };
        let views = tracking("companion", place, *views);
        creatives +=
            &format!("<Creative><CompanionAds><Companion>{resource}{views}</Companion></CompanionAds></Creative>");
    }
    let viewable = elements("Viewable", urls(level, "viewable", 0, plan.viewable));
    format!(
        "<VAST><Ad><{kind}><VASTAdTagURI>u</VASTAdTagURI>{}{}<ViewableImpression>{viewable}</ViewableImpression>
         <Creatives>{creatives}</Creatives></{kind}></Ad></VAST>",
        elements("Impression", urls(level, "impression", 0, plan.impressions)),
        elements("Error", urls(level, "error", 0, plan.errors)),
    )
}

/// The expected result of the plans of all levels, the `InLine` last: `HOP URL` for each kind and creative.
fn expected(plans: &[Plan]) -> Vec<String> {
    let own = plans.len() - 1;
    let mut all = Vec::new();
    let mut add = |kind: &str, place: usize, level: usize, urls: &mut dyn Iterator<Item = String>| {
        all.extend(urls.map(|url| format!("{kind} {place}: {level} {url}")));
    };
    for (level, plan) in plans.iter().enumerate() {
        add("impression", 0, level, &mut urls(level, "impression", 0, plan.impressions));
        add("error", 0, level, &mut urls(level, "error", 0, plan.errors));
        add("viewable", 0, level, &mut urls(level, "viewable", 0, plan.viewable));
        for target in 0..plans[own].linears.len() {
            for (place, (events, clicks)) in
                plan.linears.iter().enumerate().filter(|(place, _)| level < own || *place == target)
            {
                add("event", target, level, &mut urls(level, "event", place, *events));
                add("click", target, level, &mut urls(level, "click", place, *clicks));
            }
        }
        for target in 0..plans[own].non_linears.len() {
            for (place, (events, clicks)) in
                plan.non_linears.iter().enumerate().filter(|(place, _)| level < own || *place == target)
            {
                add("overlay", target, level, &mut urls(level, "overlay", place, *events));
                add("overlay-click", target, level, &mut urls(level, "overlay-click", place, *clicks));
            }
        }
        for target in 0..plans[own].companions.len() {
            for (place, views) in
                plan.companions.iter().enumerate().filter(|(place, _)| level < own || *place == target)
            {
                add("companion", target, level, &mut urls(level, "companion", place, *views));
            }
        }
        if level < own && plans[own].companions.is_empty() {
            // The `InLine` has no companion to add them to, so they stay separate companions with trackers only.
            for (place, views) in plan.companions.iter().enumerate() {
                add("companion of a wrapper", 0, level, &mut urls(level, "companion", place, *views));
            }
        }
    }
    all.sort();
    all
}

fn merged(ad: &ResolvedAd) -> Vec<String> {
    let mut all = Vec::new();
    let mut add = |kind: &str, place: usize, hop: u32, url: &str| all.push(format!("{kind} {place}: {hop} {url}"));
    ad.impressions().for_each(|found| add("impression", 0, found.hop, &found.item.url));
    ad.errors().for_each(|found| add("error", 0, found.hop, found.item));
    let viewability = ad.viewability().unwrap_or_default();
    viewability.viewable.iter().for_each(|Inherited { hop, item }| add("viewable", 0, *hop, item));
    let creatives = || ad.inline.creatives.iter().enumerate();
    for (target, (creative, _)) in creatives().filter(|(_, creative)| creative.linear.is_some()).enumerate() {
        ad.tracking(creative).for_each(|found| add("event", target, found.hop, &found.item.url));
        ad.click_tracking(creative).for_each(|found| add("click", target, found.hop, &found.item.url));
    }
    for (target, (creative, _)) in creatives().filter(|(_, creative)| creative.non_linear_ads.is_some()).enumerate() {
        ad.non_linear_tracking(creative).for_each(|found| add("overlay", target, found.hop, &found.item.url));
        let clicks = ad.non_linear_click_tracking(creative, 0);
        clicks.for_each(|found| add("overlay-click", target, found.hop, &found.item.url));
    }
    let sets = ad.companions();
    let (own, above): (Vec<_>, Vec<_>) = sets.iter().partition(|set| set.creative.hop == ad.hop());
    for (target, companion) in own.iter().flat_map(|set| &set.companions).enumerate() {
        companion.tracking().for_each(|found| add("companion", target, found.hop, &found.item.url));
    }
    for companion in above.iter().flat_map(|set| &set.companions) {
        companion.tracking().for_each(|found| add("companion of a wrapper", 0, found.hop, &found.item.url));
    }
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r082_r083_r084_merging_loses_no_tracker_and_invents_none(plans in prop::collection::vec(plan(), 1..6)) {
        let own = plans.len() - 1;
        let wrappers: Vec<String> =
            plans[..own].iter().enumerate().map(|(level, plan)| document(level, plan, "Wrapper")).collect();
        let wrappers: Vec<&str> = wrappers.iter().map(String::as_str).collect();
        let hop = u32::try_from(own).expect("few levels");
        let ad = ResolvedAd::read(hop, &document(own, &plans[own], "InLine"), &wrappers);
        prop_assert_eq!(merged(&ad), expected(&plans));
    }
}
