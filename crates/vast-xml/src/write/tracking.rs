//! `TrackingEvents` (VAST 4.3, section 3.14).

use super::part::{Content, Part};
use super::tag::Tag;
use crate::model::{Event, Extra, Tracking};
use crate::xml::Key;

impl Part for Tracking {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        if !tag.is_listed {
            list_attributes(tag, self);
        }
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Uri(&self.url))
    }
}

/// What holds for each tracker in a list of URLs. The event keeps its spelling: what it means hangs on the element around
/// it, which is the same.
pub(super) fn list_attributes(tag: &mut Tag<'_>, tracking: &Tracking) {
    tag.word(Key::Event, Some(tracking.event.raw()).filter(|name| !name.is_empty()));
    tag.offset(Key::Offset, tracking.offset);
}

/// Whether two trackers may stand in one list of URLs.
pub(super) fn can_share_list(list: &[Tracking], one: usize, other: usize) -> bool {
    list[one].event == list[other].event && list[one].offset == list[other].offset
}

/// The last so many trackers, if they are what VAST 1.0 calls an impression of a companion or non-linear ad.
pub(super) fn views(trackers: &[Tracking], number: usize) -> &[Tracking] {
    let last = trackers.len().checked_sub(number).map_or(&[] as &[Tracking], |first| &trackers[first..]);
    let is_view = |tracking: &Tracking| tracking.event == Event::CreativeView && tracking.offset.is_none();
    if last.iter().all(is_view) { last } else { &[] }
}

/// Such an impression, the element of which says what the event is.
pub(super) struct View<'a>(pub(super) &'a Tracking);

impl Part for View<'_> {
    fn extra(&self) -> &Extra {
        &self.0.extra
    }

    fn content(&self) -> Option<Content<'_>> {
        self.0.content()
    }
}
