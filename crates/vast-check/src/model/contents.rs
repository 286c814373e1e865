//! Ads: whether there are any, and whether they have expired.

use crate::drafts::{Drafts, clipped};
use crate::outline::Outline;
use crate::rule::Rule;

/// Reports an `Expires` of 0 seconds or less.
pub(super) fn expired(outline: &Outline<'_>, drafts: &mut Drafts) {
    for (_, element) in outline.named("Expires") {
        let text = element.text(outline.text);
        if text.parse::<f64>().is_ok_and(|seconds| seconds <= 0.0) {
            let message = format!("the ad is valid for {} seconds: it has expired when it arrives", clipped(&text));
            drafts.add(Rule::Expired, element.text_range(outline.text), message);
        }
    }
}

/// Reports a VAST document without `Ad`, and a VMAP document without `AdBreak`.
pub(super) fn no_ad(outline: &Outline<'_>, drafts: &mut Drafts) {
    let kinds = [
        ("VAST", "Ad", "no ad in it"),
        ("VideoAdServingTemplate", "Ad", "no ad in it"),
        ("VMAP", "AdBreak", "no ad break in it"),
    ];
    for (name, child, message) in kinds {
        for (index, element) in outline.named(name).filter(|(index, _)| outline.child(*index, child).is_none()) {
            // Do not report an element where the outline was cut: its children may be missing only in the outline.
            if index + 1 < outline.elements.len() || !outline.cut {
                drafts.add(Rule::NoAd, element.tag.clone(), message);
            }
        }
    }
}
