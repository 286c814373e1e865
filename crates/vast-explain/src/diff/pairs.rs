//! Finds the ads and breaks of two documents that are the same.

use std::collections::{HashMap, VecDeque};

use vast_xml::model::{Ad, AdKind};
use vast_xml::vmap::AdBreak;

use super::stable_url::{stable_text, stable_url};

/// An item of the first document with the same one of the second: `None` where a document has none.
type Pair<'a, T> = (Option<&'a T>, Option<&'a T>);

/// What identifies an item; `None` if it does not have it.
type IdentityOf<T> = fn(&T) -> Option<String>;

/// What identifies an ad, the surest first.
const OF_ADS: [IdentityOf<Ad>; 5] = [universal_id, own_id, title, first_url, kind];

/// The ads of two documents in pairs: those of `a` in order, then those that only `b` has.
pub(super) fn of_ads<'a>(a: &'a [Ad], b: &'a [Ad]) -> Vec<Pair<'a, Ad>> {
    pairs(a, b, &OF_ADS)
}

/// The breaks of two playlists in pairs.
pub(super) fn of_breaks<'a>(a: &'a [AdBreak], b: &'a [AdBreak]) -> Vec<Pair<'a, AdBreak>> {
    let time = |one: &AdBreak| one.time_offset.map(|offset| offset.to_string());
    let id = |one: &AdBreak| one.break_id.as_deref().map(stable_text);
    pairs(a, b, &[id, time])
}

/// Pairs the items that have the same identity of a kind. Items with one identity are paired in order.
fn pairs<'a, T>(a: &'a [T], b: &'a [T], identities: &[IdentityOf<T>]) -> Vec<Pair<'a, T>> {
    let mut partners: Vec<Option<usize>> = vec![None; a.len()];
    let mut is_taken = vec![false; b.len()];
    for identity in identities {
        let mut waiting: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (index, item) in b.iter().enumerate().filter(|(index, _)| !is_taken[*index]) {
            if let Some(identity) = identity(item) {
                waiting.entry(identity).or_default().push_back(index);
            }
        }
        for (item, partner) in a.iter().zip(&mut partners).filter(|(_, partner)| partner.is_none()) {
            let same = identity(item).and_then(|identity| waiting.get_mut(&identity)?.pop_front());
            if let Some(index) = same {
                is_taken[index] = true;
                *partner = Some(index);
            }
        }
    }
    let of_a = a.iter().zip(partners).map(|(item, partner)| (Some(item), partner.and_then(|index| b.get(index))));
    let only_b = b.iter().zip(is_taken).filter(|(_, is_taken)| !is_taken).map(|(item, _)| (None, Some(item)));
    of_a.chain(only_b).collect()
}

/// The id of its creative in a registry.
fn universal_id(ad: &Ad) -> Option<String> {
    let ids = ad.creatives().iter().flat_map(|creative| &creative.universal_ad_ids);
    let known = ids.filter(|id| !id.is_unknown());
    let texts: Vec<String> = known.map(|id| format!("{:?} {}", id.registry, id.value)).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

/// Its own id, unless the id changes with each request.
fn own_id(ad: &Ad) -> Option<String> {
    let id = ad.id.as_deref().filter(|id| !id.is_empty())?;
    (stable_text(id) == id).then(|| format!("{} {id}", kind_name(ad)))
}

fn title(ad: &Ad) -> Option<String> {
    ad.inline()?.ad_title.as_deref().map(stable_text)
}

/// Its first media file, or the tag that a wrapper leads to.
fn first_url(ad: &Ad) -> Option<String> {
    match &ad.kind {
        AdKind::Wrapper(wrapper) => Some(stable_url(&wrapper.vast_ad_tag_uri)),
        AdKind::InLine(_) => {
            let linear = ad.creatives().iter().find_map(|creative| creative.linear.as_ref())?;
            linear.media_files.first().map(|file| stable_url(&file.url))
        }
    }
}

/// Ads of which nothing else is the same are compared in order.
#[allow(clippy::unnecessary_wraps)] // One of several identities.
fn kind(ad: &Ad) -> Option<String> {
    Some(kind_name(ad).to_owned())
}

fn kind_name(ad: &Ad) -> &'static str {
    match ad.kind {
        AdKind::InLine(_) => "InLine",
        AdKind::Wrapper(_) => "Wrapper",
    }
}
