//! What is shown over and beside an ad: icons and companions, each seen once, and verifications, each reported once.

use std::collections::BTreeSet;
use std::time::Duration;

use vast_xml::model::Offset;

use crate::ad::{PartIndex, ResolvedAd};

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
pub(super) struct Icons(Vec<Shape>);

#[derive(Debug, Clone, PartialEq)]
struct Shape {
    place: PartIndex,
    offset: Option<Offset>,
    duration: Option<Duration>,
}

impl Icons {
    /// Those over creative `playing`, as the ad inherits them.
    pub(super) fn of(ad: &ResolvedAd, playing: usize) -> Self {
        let icons = ad.indexed_icons(playing).into_iter();
        let shapes =
            icons.map(|icon| Shape { place: icon.index, offset: icon.item.offset, duration: icon.item.duration });
        Self(shapes.collect())
    }

    /// Those that may be shown at `position`: from their offset on, for their duration.
    pub(super) fn due(&self, position: Duration, length: Option<Duration>) -> Vec<IconDue> {
        let due = |icon: &Shape| {
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
        let begins = |icon: &Shape| icon.offset.map_or(Some(Duration::ZERO), |offset| offset.within(length));
        icon.and_then(begins).is_some_and(|from| from <= position)
    }
}

/// What was seen or reported already.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Seen(BTreeSet<PartIndex>);

impl Seen {
    /// Whether it is the first time, for one of `known`: what nobody knows of is nothing that could be seen.
    pub(super) fn first(&mut self, place: PartIndex, known: &[PartIndex]) -> bool {
        known.contains(&place) && self.0.insert(place)
    }

    /// Whether it was seen.
    pub(super) fn has(&self, place: PartIndex) -> bool {
        self.0.contains(&place)
    }
}
