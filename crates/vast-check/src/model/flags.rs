//! The flags of a wrapper.

use std::collections::HashMap;

use super::pods;
use crate::drafts::{Drafts, clipped};
use crate::outline::Outline;
use crate::rule::Rule;

/// Reports `fallbackOnNoAd="true"` in a document without a stand-alone ad that could replace the wrapper.
pub(super) fn no_fallback_ads(outline: &Outline<'_>, drafts: &mut Drafts) {
    let stand_alone = stand_alone(outline);
    for (_, wrapper) in outline.named("Wrapper") {
        let flag = wrapper.attribute("fallbackOnNoAd").filter(|flag| truth(&flag.value) == Some(true));
        let ad = wrapper.parent.and_then(|ad| outline.elements.get(ad));
        let (Some(flag), Some(ad)) = (flag, ad) else { continue };
        let others = stand_alone.get(&ad.parent).copied().unwrap_or_default();
        if others == usize::from(pods::sequence(ad).is_none()) {
            let message = "there is no stand-alone ad in this document to fall back on";
            drafts.add(Rule::NoFallbackAds, flag.range.clone(), message);
        }
    }
}

/// How many ads without a sequence each document has, by the number of its root.
fn stand_alone(outline: &Outline<'_>) -> HashMap<Option<usize>, usize> {
    let mut numbers = HashMap::new();
    for (_, ad) in outline.named("Ad").filter(|(_, ad)| pods::sequence(ad).is_none()) {
        *numbers.entry(ad.parent).or_default() += 1;
    }
    numbers
}

/// The correct name and a frequent misspelling without one `i`.
const SPELLINGS: [&str; 2] = ["followAdditionalWrappers", "followAdditonalWrappers"];

/// Reports a wrapper that has the flag in both spellings with different values.
pub(super) fn contradicting(outline: &Outline<'_>, drafts: &mut Drafts) {
    for (_, wrapper) in outline.named("Wrapper") {
        let is_spelling = |name: &str| SPELLINGS.iter().any(|spelling| name.eq_ignore_ascii_case(spelling));
        let flags = wrapper.attributes.iter().filter(|attribute| is_spelling(attribute.name));
        let mut flags = flags.filter_map(|flag| Some((truth(&flag.value)?, flag)));
        let Some((first, one)) = flags.next() else { continue };
        if let Some((_, other)) = flags.find(|(value, _)| *value != first) {
            let message = format!("{} contradicts {}", clipped(other.name), clipped(one.name));
            drafts.add(Rule::ContradictingFlags, other.range.clone(), message);
        }
    }
}

fn truth(value: &str) -> Option<bool> {
    match value.trim() {
        "1" => Some(true),
        "0" => Some(false),
        other => other.to_ascii_lowercase().parse().ok(),
    }
}
