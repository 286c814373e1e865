//! Finds the pairs of ads and of breaks that are compared: those of both sides that are the same ad or break.

use std::collections::{HashMap, VecDeque};

use vast_xml::model::{Ad, AdKind};
use vast_xml::vmap::AdBreak;

use super::stable_url::{stable_text, stable_url};

/// An item of the first list with the same one of the second: `None` where a list has none.
type Pair<'a, T> = (Option<&'a T>, Option<&'a T>);

/// A part of a document that is found in the other document, or in the other answer, by what identifies it.
pub(super) trait Identified: Sized + 'static {
    /// What identifies it, the surest first; `None` if a part does not have it.
    const IDENTITIES: &'static [fn(&Self) -> Option<String>];
}

impl Identified for Ad {
    const IDENTITIES: &'static [fn(&Self) -> Option<String>] = &[universal_id, own_id, title, first_url, kind];
}

impl Identified for AdBreak {
    const IDENTITIES: &'static [fn(&Self) -> Option<String>] =
        &[|one| one.break_id.as_deref().map(stable_text), |one| one.time_offset.map(|offset| offset.to_string())];
}

/// Pairs the items that have the same identity of a kind: those of `a` in order, then those that only `b` has. Items with one identity
/// are paired in order. `key` gives the ad or break that identifies an item.
pub(super) fn of<'a, T, K: Identified>(a: &'a [T], b: &'a [T], key: fn(&T) -> &K) -> Vec<Pair<'a, T>> {
    let mut partners: Vec<Option<usize>> = vec![None; a.len()];
    let mut is_taken = vec![false; b.len()];
    for identity in K::IDENTITIES {
        let mut waiting: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (index, item) in b.iter().enumerate().filter(|(index, _)| !is_taken[*index]) {
            if let Some(identity) = identity(key(item)) {
                waiting.entry(identity).or_default().push_back(index);
            }
        }
        for (item, partner) in a.iter().zip(&mut partners).filter(|(_, partner)| partner.is_none()) {
            let same = identity(key(item)).and_then(|identity| waiting.get_mut(&identity)?.pop_front());
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
