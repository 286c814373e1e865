//! What a session remembers about an ad besides its time: what the viewer turned on and off, which icons may be shown, and what
//! was already seen or reported.

use std::collections::BTreeSet;
use std::time::Duration;

use vast_xml::model::{Event, Offset};

use super::report::PlayerReport;
use crate::ad::{PartIndex, ResolvedAd};

/// The state of what the viewer can turn on and off; unknown until the first word.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ViewerToggles {
    muted: Option<bool>,
    expanded: Option<bool>,
    paused: bool,
}

impl ViewerToggles {
    /// Whether the ad is paused.
    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    /// The event that `report` means, if it changes something.
    pub(super) fn turn(&mut self, report: &PlayerReport) -> Option<Event> {
        let (switch, to, event) = match report {
            PlayerReport::Muted => (&mut self.muted, true, Event::Mute),
            PlayerReport::Unmuted => (&mut self.muted, false, Event::Unmute),
            PlayerReport::PlayerExpanded => (&mut self.expanded, true, Event::PlayerExpand),
            PlayerReport::PlayerCollapsed => (&mut self.expanded, false, Event::PlayerCollapse),
            PlayerReport::Paused => return self.pause(true, Event::Pause),
            PlayerReport::Resumed => return self.pause(false, Event::Resume),
            _ => return None,
        };
        let is_new = *switch != Some(to);
        *switch = Some(to);
        is_new.then_some(event)
    }

    /// Unlike the others it is known from the start: what plays is not paused.
    fn pause(&mut self, to: bool, event: Event) -> Option<Event> {
        let is_new = self.paused != to;
        self.paused = to;
        is_new.then_some(event)
    }
}

/// An icon that may be shown now.
#[derive(Debug, Clone, PartialEq)]
pub struct IconDue {
    /// Which.
    pub place: PartIndex,
    /// Until when, as a position in the ad; none means to its end.
    pub until: Option<Duration>,
}

/// The icons of an ad.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct IconSchedule(Vec<IconTiming>);

#[derive(Debug, Clone, PartialEq)]
struct IconTiming {
    place: PartIndex,
    offset: Option<Offset>,
    duration: Option<Duration>,
}

impl IconSchedule {
    /// Those over creative `playing`, as the ad inherits them.
    pub(super) fn of(ad: &ResolvedAd, playing: usize) -> Self {
        let icons = ad.indexed_icons(playing).into_iter();
        let shapes =
            icons.map(|icon| IconTiming { place: icon.index, offset: icon.item.offset, duration: icon.item.duration });
        Self(shapes.collect())
    }

    /// Those that may be shown at `position`: from their offset on, for their duration.
    pub(super) fn due(&self, position: Duration, length: Option<Duration>) -> Vec<IconDue> {
        let due = |icon: &IconTiming| {
            let from = icon.offset.map_or(Some(Duration::ZERO), |offset| offset.within(length))?;
            let until = icon.duration.map(|duration| from.saturating_add(duration));
            let is_due = from <= position && until.is_none_or(|until| position < until);
            is_due.then_some(IconDue { place: icon.place, until })
        };
        self.0.iter().filter_map(due).collect()
    }

    /// Whether the icon at `place` may be seen at `position`. One that was shown in time may stay a little longer.
    pub(super) fn may_be_seen(&self, place: PartIndex, position: Duration, length: Option<Duration>) -> bool {
        let icon = self.0.iter().find(|icon| icon.place == place);
        let begins = |icon: &IconTiming| icon.offset.map_or(Some(Duration::ZERO), |offset| offset.within(length));
        icon.and_then(begins).is_some_and(|from| from <= position)
    }
}

/// What was seen or reported already.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct SeenPlaces(BTreeSet<PartIndex>);

impl SeenPlaces {
    /// Whether it is the first time, for one of `known`: what nobody knows of is nothing that could be seen.
    pub(super) fn first(&mut self, place: PartIndex, known: &[PartIndex]) -> bool {
        known.contains(&place) && self.0.insert(place)
    }

    /// Whether it was seen.
    pub(super) fn has(&self, place: PartIndex) -> bool {
        self.0.contains(&place)
    }
}
