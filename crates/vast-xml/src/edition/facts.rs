//! [`Edition`]: the description of one version of the standard, as data.

use super::row::{Events, NOTHING, Row, Unit, Within};
use crate::model::Event;
use crate::version::Version;
use crate::xml::{Key, Name};

/// The elements, attributes and events that a version of the standard has, with their order and their names.
#[derive(Debug)]
pub(crate) struct Edition {
    pub(crate) version: Version,
    /// The earlier version whose rows apply to elements for which this version has no row.
    pub(super) before: Option<&'static Edition>,
    pub(super) rows: &'static [Row],
    pub(super) events: Events,
    /// Attributes whose names are not spelled as in the newest version.
    pub(super) spellings: &'static [(Name, Key, &'static str)],
    /// The allowed values of `Pricing@model`.
    pub(crate) pricing_models: &'static [&'static str],
    /// How many resources a companion, non-linear ad or icon may have.
    pub(crate) resources: Resources,
    /// Whether one `Creative` may contain several of `Linear`, `NonLinearAds` and `CompanionAds`.
    pub(crate) mixes_creatives: bool,
    /// Whether `Wrapper` must have `Creatives`.
    pub(crate) wrapper_has_creatives: bool,
    /// Whether `Ad@id` is required.
    pub(crate) requires_ad_id: bool,
}

/// How many resources a companion, non-linear ad or icon may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resources {
    /// Only one resource, of any kind.
    One,
    /// Several resources, of which the player selects one.
    Several,
}

impl Edition {
    /// The attributes and children that the version has in an element. The row is empty if the version does not have the
    /// element.
    pub(crate) fn row(&self, element: Name, within: Within) -> &'static Row {
        let own =
            self.rows.iter().find(|row| row.element == element && (row.within == within || row.within == Within::Both));
        match (own, self.before) {
            (Some(row), _) => row,
            (None, Some(before)) => before.row(element, within),
            (None, None) => &NOTHING,
        }
    }

    /// The event with the name that the version uses at this place. `None` if the version does not have the event.
    pub(crate) fn event(&self, event: &Event, unit: Unit) -> Option<&'static Event> {
        let same = || self.events.at(unit).find(|known| *known == event);
        same().or_else(|| self.events.at(unit).find(|known| known.is(event)))
    }

    /// The name of an attribute as this version spells it.
    pub(crate) fn spelling(&self, element: Name, key: Key) -> &'static str {
        let own = self.spellings.iter().find(|(name, other, _)| (*name, *other) == (element, key));
        own.map_or(key.as_str(), |(_, _, spelling)| spelling)
    }
}
