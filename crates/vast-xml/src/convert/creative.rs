//! `Creatives`.

use super::change::ChangeKind;
use super::companion::companion_ads;
use super::linear::linear;
use super::non_linear::non_linear_ads;
use super::unknown::unknown;
use super::walk::Walk;
use crate::model::{Creative, Place, UniversalAdId};
use crate::xml::{Key, Name};

pub(super) fn creatives(walk: &mut Walk, list: &mut Vec<Creative>) {
    walk.group(Name::Creatives, |walk| {
        split(walk, list);
        walk.children(Name::Creative, list, creative);
    });
}

fn creative(walk: &mut Walk, creative: &mut Creative) {
    walk.attribute(Key::ApiFramework, &mut creative.api_framework);
    let (mut own, carried) = std::mem::take(&mut creative.universal_ad_ids).into_iter().partition(is_native);
    walk.children(Name::UniversalAdId, &mut own, universal_ad_id);
    own.extend::<Vec<UniversalAdId>>(carried);
    creative.universal_ad_ids = own;
    walk.child(Name::Linear, &mut creative.linear, linear);
    walk.child(Name::NonLinearAds, &mut creative.non_linear_ads, non_linear_ads);
    walk.child(Name::CompanionAds, &mut creative.companion_ads, companion_ads);
    unknown(walk, &mut creative.extra);
}

fn is_native(id: &UniversalAdId) -> bool {
    id.place == Place::Native
}

fn universal_ad_id(walk: &mut Walk, id: &mut UniversalAdId) {
    walk.attribute(Key::IdRegistry, &mut id.registry);
    unknown(walk, &mut id.extra);
}

/// Makes one creative for each kind of ad where the version has one kind in each. The first keeps what is not the ad's own.
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
