//! [`Edition`]: one version of the standard as data.

use super::row::{Events, NOTHING, Row, Unit, Within};
use crate::Version;
use crate::model::Event;
use crate::xml::{Key, Name};

/// What a version of the standard knows, in which order and by which names.
#[derive(Debug)]
pub(crate) struct Edition {
    pub(crate) version: Version,
    /// The version whose rows hold where this one has none.
    pub(super) before: Option<&'static Edition>,
    pub(super) rows: &'static [Row],
    pub(super) events: Events,
    /// Attributes that are not spelled as in the newest version.
    pub(super) spellings: &'static [(Name, Key, &'static str)],
    /// How `Pricing@model` may be spelled.
    pub(crate) pricing_models: &'static [&'static str],
    /// How many resources a companion, non-linear ad or icon may have.
    pub(crate) resources: Resources,
    /// Whether one `Creative` may be linear and non-linear and have companions.
    pub(crate) mixes_creatives: bool,
    /// Whether `Wrapper` must have `Creatives`.
    pub(crate) wrapper_has_creatives: bool,
    /// Whether `Ad@id` must be there.
    pub(crate) requires_ad_id: bool,
}

/// How many resources a companion, non-linear ad or icon may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resources {
    /// One, of whatever kind.
    One,
    /// Alternatives.
    Several,
}

impl Edition {
    /// What the version has in an element; nothing if it does not have the element.
    pub(crate) fn row(&self, element: Name, within: Within) -> &'static Row {
        let own =
            self.rows.iter().find(|row| row.element == element && (row.within == within || row.within == Within::Both));
        match (own, self.before) {
            (Some(row), _) => row,
            (None, Some(before)) => before.row(element, within),
            (None, None) => &NOTHING,
        }
    }

    /// The event as the version spells it at this place; none if it does not have it.
    pub(crate) fn event(&self, event: &Event, unit: Unit) -> Option<&'static Event> {
        let same = || self.events.at(unit).find(|known| *known == event);
        same().or_else(|| self.events.at(unit).find(|known| known.is(event)))
    }

    /// How an attribute is spelled in this version.
    pub(crate) fn spelling(&self, element: Name, key: Key) -> &'static str {
        let own = self.spellings.iter().find(|(name, other, _)| (*name, *other) == (element, key));
        own.map_or(key.as_str(), |(_, _, spelling)| spelling)
    }
}
