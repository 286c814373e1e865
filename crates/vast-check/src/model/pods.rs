//! Several ads in one document.

use std::collections::HashMap;

use crate::drafts::Drafts;
use crate::outline::{Element, Outline};
use crate::rule::Rule;

/// Two ads with the same place in the pod. Places are those of one document: a VMAP holds several.
pub(super) fn duplicate_sequence(outline: &Outline<'_>, drafts: &mut Drafts) {
    let mut taken: HashMap<(Option<usize>, u32), usize> = HashMap::new();
    for (index, ad) in outline.named("Ad") {
        let Some((sequence, place)) = sequence(ad) else { continue };
        if taken.insert((ad.parent, sequence), index).is_some() {
            let message = format!("another ad has the sequence {sequence} already");
            drafts.add(Rule::DuplicateSequence, place, message);
        }
    }
}

/// The place in the pod; none for a stand-alone ad, which may also say 0 or something that is no number.
pub(super) fn sequence(ad: &Element<'_>) -> Option<(u32, std::ops::Range<usize>)> {
    let attribute = ad.attribute("sequence")?;
    let sequence = attribute.value.trim().parse().ok().filter(|sequence| *sequence > 0)?;
    Some((sequence, attribute.range.clone()))
}
