//! [`Walk`]: where in the document the conversion is, what the version knows there, and what was changed so far.

use super::change::{Change, ChangeKind};
use crate::attributes::Attributed;
use crate::edition::{Edition, Row, Unit, Within};
use crate::model::Event;
use crate::xml::{Key, Name};

/// The way from the root to the element in hand.
pub(super) struct Walk {
    pub(super) edition: &'static Edition,
    within: Within,
    frames: Vec<Frame>,
    changes: Vec<Change>,
}

struct Frame {
    name: Name,
    /// From 1, for an element that may stand more than once.
    number: Option<usize>,
    row: &'static Row,
}

impl Walk {
    /// At the root.
    pub(super) fn new(edition: &'static Edition) -> Walk {
        let within = Within::Both;
        let root = Frame { name: Name::Vast, number: None, row: edition.row(Name::Vast, within) };
        Walk { edition, within, frames: vec![root], changes: Vec::new() }
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    /// Visits a child. In one that the version does not have it knows nothing.
    pub(super) fn inside<T>(&mut self, name: Name, number: Option<usize>, visit: impl FnOnce(&mut Walk) -> T) -> T {
        let outer = self.within;
        self.within = match name {
            Name::InLine => Within::InLine,
            Name::Wrapper => Within::Wrapper,
            _ => outer,
        };
        let is_known = self.knows(name);
        let row = self.row(if is_known { name } else { Name::Unknown });
        self.frames.push(Frame { name, number, row });
        let visited = visit(self);
        self.frames.pop();
        self.within = outer;
        visited
    }

    /// What the version has in an element of the ad in hand.
    pub(super) fn row(&self, element: Name) -> &'static Row {
        self.edition.row(element, self.within)
    }

    fn here(&self) -> &'static Row {
        self.frames.last().map_or_else(|| self.row(Name::Unknown), |frame| frame.row)
    }

    /// The element in hand.
    pub(super) fn name(&self) -> Name {
        self.frames.last().map_or(Name::Unknown, |frame| frame.name)
    }

    /// Which of its kind the element in hand is, from 1.
    pub(super) fn number(&self) -> usize {
        self.frames.last().and_then(|frame| frame.number).unwrap_or(1)
    }

    /// Whether the element in hand has such a child.
    pub(super) fn knows(&self, child: Name) -> bool {
        self.here().child(child).is_some()
    }

    /// Whether the element in hand has such an attribute.
    pub(super) fn has(&self, key: Key) -> bool {
        self.here().attributes.contains(&key)
    }

    /// Writes down what happened to the element in hand.
    pub(super) fn note(&mut self, kind: ChangeKind) {
        let path = self.path();
        self.changes.push(Change { path, kind });
    }

    /// Writes down what happened to an attribute.
    pub(super) fn note_attribute(&mut self, name: &str, kind: ChangeKind) {
        let path = format!("{}@{name}", self.path());
        self.changes.push(Change { path, kind });
    }

    /// Writes down what happened to a child that the standard need not know.
    pub(super) fn note_element(&mut self, name: &str, kind: ChangeKind) {
        let path = format!("{}/{name}", self.path());
        self.changes.push(Change { path, kind });
    }

    fn path(&self) -> String {
        let segment = |frame: &Frame| match frame.number {
            Some(number) => format!("{}[{number}]", frame.name.as_str()),
            None => frame.name.as_str().to_owned(),
        };
        self.frames.iter().map(segment).collect::<Vec<_>>().join("/")
    }

    /// Drops the attributes of the element that the version does not have there.
    pub(super) fn attributes(&mut self, part: &mut impl Attributed) {
        let row = self.here();
        let mut dropped = Vec::new();
        part.retain_attributes(&mut |key| {
            let stays = row.attributes.contains(&key);
            if !stays {
                dropped.push(key);
            }
            stays
        });
        for key in dropped {
            self.note_attribute(key.as_str(), ChangeKind::Dropped);
        }
    }

    /// Drops a child that the version does not have, or else visits it.
    pub(super) fn child<T>(&mut self, name: Name, child: &mut Option<T>, visit: impl FnOnce(&mut Walk, &mut T)) {
        let Some(there) = child else { return };
        if self.knows(name) {
            self.inside(name, None, |walk| visit(walk, there));
        } else {
            *child = None;
            self.note_element(name.as_str(), ChangeKind::Dropped);
        }
    }

    /// Drops the children that the version does not have, because of their name or because of their number, and visits
    /// the others.
    pub(super) fn children<T>(&mut self, name: Name, list: &mut Vec<T>, mut visit: impl FnMut(&mut Walk, &mut T)) {
        let allowed = match self.here().child(name) {
            None => 0,
            Some(child) if child.is_many => usize::MAX,
            Some(_) => 1,
        };
        for number in allowed.min(list.len())..list.len() {
            self.inside(name, Some(number + 1), |walk| walk.note(ChangeKind::Dropped));
        }
        list.truncate(allowed);
        for (index, item) in list.iter_mut().enumerate() {
            self.inside(name, Some(index + 1), |walk| visit(walk, item));
        }
    }

    /// Visits a child that only groups others.
    pub(super) fn group(&mut self, name: Name, visit: impl FnOnce(&mut Walk)) {
        self.inside(name, None, visit);
    }

    /// Whether the version has the event at this place under whatever name.
    pub(super) fn knows_event(&self, event: &Event, unit: Unit) -> bool {
        self.edition.event(event, unit).is_some()
    }
}

/// For children with nothing in them that a version may lack.
pub(super) fn leaf<T>(_: &mut Walk, _: &mut T) {}
