//! Trackers.

use std::borrow::Cow;
use std::collections::HashMap;

use vast_xml::model::is_placeholder;

use super::url::{self, Purpose};
use crate::drafts::{Drafts, clipped};
use crate::outline::{Outline, OutlineElement};
use crate::rule::Rule;

/// Two trackers are equal if these values are equal: the part of the ad, the element, the event, the offset and the URL.
type TrackerKey<'a> = (Option<usize>, String, Cow<'a, str>, Cow<'a, str>, Cow<'a, str>);

/// The parts of an ad. Equal trackers in different parts are not duplicates.
const PARTS: [&str; 8] =
    ["Linear", "NonLinearAds", "NonLinear", "Companion", "Icon", "Verification", "ViewableImpression", "Ad"];

/// Reports duplicate trackers: the same URL twice for the same event.
pub(super) fn duplicates(outline: &Outline<'_>, drafts: &mut Drafts) {
    let mut first: HashMap<TrackerKey<'_>, usize> = HashMap::new();
    for (index, element, purpose) in url::all(outline) {
        let url = element.text(outline.text);
        if !matches!(purpose, Purpose::Call(_)) || url.is_empty() || is_placeholder(&url) {
            continue;
        }
        let key = (
            outline.around(index, &PARTS),
            element.name.to_ascii_lowercase(),
            attribute(element, "event"),
            attribute(element, "offset"),
            url,
        );
        if first.insert(key, index).is_some() {
            let message = format!("<{}> with a URL that was given before", clipped(element.name));
            drafts.add(Rule::DuplicateTracker, element.text_range(outline.text), message);
        }
    }
}

fn attribute<'a>(element: &'a OutlineElement<'_>, name: &str) -> Cow<'a, str> {
    element.attribute(name).map_or(Cow::Borrowed(""), |attribute| Cow::Borrowed(&*attribute.value))
}

/// Reports an ad whose impressions are all placeholders.
pub(super) fn placeholder_impressions(outline: &Outline<'_>, drafts: &mut Drafts) {
    for (_, kind) in ads(outline) {
        let mut urls = outline.children(kind).filter(|(_, child)| child.is("Impression")).peekable();
        let Some((_, first)) = urls.peek() else { continue };
        let place = first.text_range(outline.text);
        if urls.all(|(_, impression)| is_placeholder(&impression.text(outline.text))) {
            drafts.add(Rule::PlaceholderImpressions, place, "about:blank only: no impression of this ad is counted");
        }
    }
}

/// Reports an ad without `Error`.
pub(super) fn no_error_url(outline: &Outline<'_>, drafts: &mut Drafts) {
    for (_, kind) in ads(outline) {
        let element = &outline.elements[kind];
        let has_url =
            |(_, child): &(usize, &OutlineElement<'_>)| child.is("Error") && !child.text(outline.text).is_empty();
        // In VAST 1.0 the URLs are one level deeper.
        let has_nested = outline.child(kind, "Error").is_some_and(|(error, _)| outline.child(error, "URL").is_some());
        if !has_nested && !outline.children(kind).any(|child| has_url(&child)) {
            let message = format!("<{}> without <Error>", clipped(element.name));
            drafts.add(Rule::NoErrorUrl, element.tag.clone(), message);
        }
    }
}

/// Every ad and its `InLine` or `Wrapper`.
fn ads<'a>(outline: &'a Outline<'_>) -> impl Iterator<Item = (usize, usize)> + 'a {
    outline.named("Ad").filter_map(|(ad, _)| {
        let kind = outline.child(ad, "InLine").or_else(|| outline.child(ad, "Wrapper"))?;
        Some((ad, kind.0))
    })
}
