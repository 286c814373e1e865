//! The ids of a creative.

use crate::drafts::Drafts;
use crate::outline::Outline;
use crate::rule::Rule;

/// Reports a `UniversalAdId` whose id or registry is `unknown`. Other rules report an empty id.
pub(super) fn unknown_ad_id(outline: &Outline<'_>, drafts: &mut Drafts) {
    for (_, element) in outline.named("UniversalAdId") {
        let is_unknown = |text: &str| text.trim().eq_ignore_ascii_case("unknown");
        let value = element.text(outline.text);
        // VAST 4.0 has the id in an attribute. The text has precedence.
        let in_attribute = || element.attribute("idValue").is_some_and(|id| is_unknown(&id.value));
        let registry = element.attribute("idRegistry").is_some_and(|registry| is_unknown(&registry.value));
        if registry || is_unknown(&value) || (value.is_empty() && in_attribute()) {
            drafts.add(Rule::UnknownAdId, element.tag.clone(), "the creative's id is \"unknown\"");
        }
    }
}
