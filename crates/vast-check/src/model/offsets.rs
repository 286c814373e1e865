//! Offsets in the time of an ad.

use std::ops::Range;
use std::time::Duration;

use vast_xml::model::Offset;

use crate::drafts::{Drafts, clipped};
use crate::outline::{Outline, OutlineElement};
use crate::rule::Rule;

/// Reports an offset that the ad never reaches: a time after its end, or more than 100%.
pub(super) fn beyond_end(outline: &Outline<'_>, drafts: &mut Drafts) {
    for (index, linear) in outline.named("Linear") {
        let length = outline.child(index, "Duration").and_then(|(_, element)| time(&element.text(outline.text)));
        look(linear, "skipoffset", length, drafts);
        for (_, element) in outline.below(index) {
            if is_progress(element) || element.is("Icon") {
                look(element, "offset", length, drafts);
            }
        }
    }
}

fn is_progress(element: &OutlineElement<'_>) -> bool {
    element.is("Tracking")
        && element.attribute("event").is_some_and(|event| event.value.eq_ignore_ascii_case("progress"))
}

fn look(element: &OutlineElement<'_>, name: &str, length: Option<Duration>, drafts: &mut Drafts) {
    let Some(attribute) = element.attribute(name) else { return };
    let place: Range<usize> = attribute.range.clone();
    let beyond = match vast_xml::parse_offset(&attribute.value) {
        Some(Offset::Percent(percent)) if percent.as_f64() > 100.0 => "more than all of the ad".to_owned(),
        Some(Offset::Time(moment)) if length.is_some_and(|length| moment > length) => {
            format!("behind the end of the ad, which is {} s long", length.unwrap_or_default().as_secs_f64())
        }
        _ => return,
    };
    drafts.add(Rule::OffsetBeyondEnd, place, format!("{name} {} is {beyond}", clipped(&attribute.value)));
}

fn time(text: &str) -> Option<Duration> {
    match vast_xml::parse_offset(text)? {
        Offset::Time(time) => Some(time),
        Offset::Percent(_) => None,
    }
}
