//! Fills in parts that the version requires and that the document does not have (VAST 4.3, sections 3.4, 3.7.1 and 4.1).

use super::change::ChangeKind;
use super::walk::Walk;
use crate::model::{AdSystem, Attribute, Creative, Impression, InLine, Place, UniversalAdId, Wrapper};
use crate::text::Text;
use crate::xml::{Key, Name};

/// The value that the standard uses for an unknown name or id.
const UNKNOWN: &str = "unknown";
/// The URL that the standard uses for an impression that must not be called (section 3.4.4).
const PLACEHOLDER: &str = "about:blank";

pub(super) fn inline(walk: &mut Walk, inline: &mut InLine) {
    ad_system(walk, &mut inline.ad_system);
    if inline.ad_title.is_none() {
        inline.ad_title = Some(filled(walk, Name::AdTitle, UNKNOWN));
    }
    impression(walk, &mut inline.impressions);
    if inline.ad_serving_id.is_none() && walk.knows(Name::AdServingId) {
        let id = serving_id(inline);
        inline.ad_serving_id = Some(filled(walk, Name::AdServingId, &id));
    }
    walk.group(Name::Creatives, |walk| {
        for (index, one) in inline.creatives.iter_mut().enumerate() {
            walk.inside(Name::Creative, Some(index + 1), |walk| creative(walk, one));
        }
    });
}

pub(super) fn wrapper(walk: &mut Walk, wrapper: &mut Wrapper) {
    ad_system(walk, &mut wrapper.ad_system);
    impression(walk, &mut wrapper.impressions);
}

fn filled(walk: &mut Walk, name: Name, with: &str) -> Text {
    walk.note_element(name.as_str(), ChangeKind::Filled { with: with.to_owned() });
    with.into()
}

fn ad_system(walk: &mut Walk, system: &mut Option<AdSystem>) {
    if system.is_none() {
        *system = Some(AdSystem { name: filled(walk, Name::AdSystem, UNKNOWN), ..AdSystem::default() });
    }
}

fn impression(walk: &mut Walk, list: &mut Vec<Impression>) {
    if list.is_empty() {
        list.push(Impression::new(filled(walk, Name::Impression, PLACEHOLDER)));
    }
}

/// Fills in the ids of a creative: a missing `adId` from a known `UniversalAdId` (section 4.1), and a missing `UniversalAdId`
/// from `adId`, or else with `unknown`, if the version has that element.
fn creative(walk: &mut Walk, creative: &mut Creative) {
    let known = creative.universal_ad_ids.iter().find(|id| !id.is_unknown());
    if let (None, Some(known)) = (&creative.ad_id, known) {
        walk.note_attribute(Key::AdId.as_str(), ChangeKind::Filled { with: known.value.to_string() });
        creative.ad_id = Some(known.value.clone());
    }
    if !walk.knows(Name::UniversalAdId) {
        return;
    }
    if creative.universal_ad_ids.is_empty() {
        let value = creative.ad_id.clone().unwrap_or_else(|| UNKNOWN.into());
        let value = filled(walk, Name::UniversalAdId, &value);
        creative.universal_ad_ids.push(UniversalAdId { registry: Some(UNKNOWN.into()), value, ..Default::default() });
    }
    for id in creative.universal_ad_ids.iter_mut().filter(|id| id.place == Place::Native) {
        walk.inside(Name::UniversalAdId, None, |walk| universal_ad_id(walk, id));
    }
}

fn universal_ad_id(walk: &mut Walk, id: &mut UniversalAdId) {
    if id.registry.is_none() {
        walk.note_attribute(Key::IdRegistry.as_str(), ChangeKind::Filled { with: UNKNOWN.to_owned() });
        id.registry = Some(UNKNOWN.into());
    }
    let key = Key::IdValue.as_str();
    if walk.has(Key::IdValue) && !id.extra.attributes.iter().any(|one| one.name == *key) {
        walk.note_attribute(key, ChangeKind::Filled { with: id.value.to_string() });
        id.extra.attributes.push(Attribute { name: key.into(), value: id.value.clone() });
    }
}

/// A hash of the ad's names and URLs, so that the same ad always gets the same id. Two servings of an ad get different ids
/// if their URLs differ.
fn serving_id(inline: &InLine) -> String {
    let names = inline.ad_system.iter().map(|system| &system.name).chain(&inline.ad_title);
    let urls = inline.impressions.iter().map(|impression| &impression.url).chain(&inline.errors);
    let trackers = inline.creatives.iter().filter_map(|creative| creative.linear.as_ref());
    let trackers = trackers.flat_map(|linear| linear.tracking_events.iter().map(|tracking| &tracking.url));
    let hash = names.chain(urls).chain(trackers).fold(FNV_OFFSET, |hash, text| hashed(hash, text));
    format!("{hash:016x}")
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// Adds a text and an end mark to an FNV-1a hash. The same ad must get the same id with every compiler, which the standard
/// hasher does not promise. vast-client has the same function for its own keys: it depends on this crate, and a hash is no part
/// of the public API of a format.
fn hashed(hash: u64, text: &str) -> u64 {
    let bytes = text.bytes().chain([0xff]);
    bytes.fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME))
}
