//! `AdBreak` (VMAP 1.0.1, section 2.3.1).

use super::ad_source::ad_source;
use super::tracking::tracking_events;
use crate::model::Offset;
use crate::vmap::{AdBreak, BreakType};
use crate::write::{Rest, attributes, extensions};
use crate::xml::{Emit, Key, Name};

pub(super) fn ad_break(out: &mut Emit, one: &AdBreak) {
    let mut rest = Rest::of(&one.extra);
    out.start(Name::AdBreak);
    out.attribute(Key::TimeOffset, one.time_offset);
    let types: Vec<&str> = one.break_types.iter().map(BreakType::as_str).collect();
    out.attribute(Key::BreakType, Some(types.join(",")).filter(|types| !types.is_empty()));
    out.attribute(Key::BreakId, one.break_id.as_ref());
    out.attribute(Key::RepeatAfter, one.repeat_after.map(Offset::Time));
    attributes(out, &one.extra);
    if let Some(source) = &one.source {
        ad_source(out, source);
    }
    tracking_events(out, &mut rest, &one.tracking_events);
    extensions(out, &mut rest, Name::Extensions, Name::Extension, &one.extensions);
    rest.close(out);
    out.end();
}
