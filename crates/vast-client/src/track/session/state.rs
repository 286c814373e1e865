//! The state of a session besides the position in the ad: the states that the viewer has changed, the icons that may be
//! shown, and the parts that were already seen or reported.

use std::collections::BTreeSet;
use std::time::Duration;

use vast_xml::model::{Event, Offset};

use super::report::PlayerReport;
use crate::ad::{PartIndex, ResolvedAd};

/// The states that the viewer can change, such as muted. Each state is unknown until the first report, except that an
/// ad that plays is not paused.
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

    /// The event of `report`, if it changes a state.
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

    fn pause(&mut self, to: bool, event: Event) -> Option<Event> {
        let is_new = self.paused != to;
        self.paused = to;
        is_new.then_some(event)
    }
}

/// An icon that may be shown now.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct IconDue {
    /// The icon.
    pub place: PartIndex,
    /// The position in the ad until which the icon is shown; `None` means until the end.
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
    /// The icons of the creative `playing`, inherited ones included.
    pub(super) fn of(ad: &ResolvedAd, playing: usize) -> Self {
        let icons = ad.indexed_icons(playing).into_iter();
        let shapes =
            icons.map(|icon| IconTiming { place: icon.index, offset: icon.item.offset, duration: icon.item.duration });
        Self(shapes.collect())
    }

    /// The icons that may be shown at `position`: from their offset, for their duration.
    pub(super) fn due(&self, position: Duration, length: Option<Duration>) -> Vec<IconDue> {
        let due = |icon: &IconTiming| {
            let from = icon.offset.map_or(Some(Duration::ZERO), |offset| offset.within(length))?;
            let until = icon.duration.map(|duration| from.saturating_add(duration));
            let is_due = from <= position && until.is_none_or(|until| position < until);
            is_due.then_some(IconDue { place: icon.place, until })
        };
        self.0.iter().filter_map(due).collect()
    }

    /// Whether the icon may be reported as seen at `position`: from its offset on, also after its duration, because a player may
    /// show it a little longer.
    pub(super) fn may_be_seen(&self, place: PartIndex, position: Duration, length: Option<Duration>) -> bool {
        let icon = self.0.iter().find(|icon| icon.place == place);
        let begins = |icon: &IconTiming| icon.offset.map_or(Some(Duration::ZERO), |offset| offset.within(length));
        icon.and_then(begins).is_some_and(|from| from <= position)
    }
}

/// The parts of an ad that were seen or reported.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct SeenPlaces(BTreeSet<PartIndex>);

impl SeenPlaces {
    /// Adds a part. Returns whether it is one of `known` and is new.
    pub(super) fn first(&mut self, place: PartIndex, known: &[PartIndex]) -> bool {
        known.contains(&place) && self.0.insert(place)
    }

    /// Whether the part was added.
    pub(super) fn has(&self, place: PartIndex) -> bool {
        self.0.contains(&place)
    }
}
