//! `TrackingEvents`.

use super::change::ChangeKind;
use super::unknown::unknown;
use super::walk::Walk;
use crate::edition::Unit;
use crate::model::Tracking;
use crate::xml::{Key, Name};

/// Drops trackers that the version has no name for and spells the others its way: never two generations of names in one
/// document.
pub(super) fn tracking_events(walk: &mut Walk, unit: Unit, list: &mut Vec<Tracking>) {
    let has_group = walk.knows(Name::TrackingEvents);
    walk.group(Name::TrackingEvents, |walk| {
        let mut number = 0;
        list.retain_mut(|one| {
            number += 1;
            let stays = has_group && walk.knows_event(&one.event, unit);
            walk.inside(Name::Tracking, Some(number), |walk| match stays {
                true => tracking(walk, unit, one),
                false => walk.note(ChangeKind::Dropped),
            });
            stays
        });
    });
}

fn tracking(walk: &mut Walk, unit: Unit, tracking: &mut Tracking) {
    if let Some(known) = walk.edition.event(&tracking.event, unit)
        && *known != tracking.event
    {
        let (from, to) = (tracking.event.raw().to_owned(), known.raw().to_owned());
        tracking.event = known.clone();
        // `close` under `Linear` is spelled as elsewhere.
        if from != to {
            walk.note_attribute(Key::Event.as_str(), ChangeKind::Renamed { from, to });
        }
    }
    walk.attribute(Key::Offset, &mut tracking.offset);
    unknown(walk, &mut tracking.extra);
}
