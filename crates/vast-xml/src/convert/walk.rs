//! [`Walk`]: the current place of the conversion in the document, the tables of the version for this place, and the
//! changes so far.

use super::change::{Change, ChangeKind};
use crate::attributes::Attributed;
use crate::edition::{Edition, Row, Unit, Within};
use crate::model::Event;
use crate::xml::{Key, Name};

/// The path from the root to the current element, and the changes so far.
pub(super) struct Walk {
    pub(super) edition: &'static Edition,
    within: Within,
    frames: Vec<Frame>,
    changes: Vec<Change>,
}

struct Frame {
    name: Name,
    /// The position among the elements of this name, starting at 1; only for an element that can occur more than once.
    number: Option<usize>,
    row: &'static Row,
}

impl Walk {
    /// A walk whose current element is the root.
    pub(super) fn new(edition: &'static Edition) -> Walk {
        let within = Within::Both;
        let root = Frame { name: Name::Vast, number: None, row: edition.row(Name::Vast, within) };
        Walk { edition, within, frames: vec![root], changes: Vec::new() }
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    /// Makes a child the current element during `visit`. If the version does not have the child, it has nothing in it either.
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

    /// The attributes and children that the version has in this element, in the current kind of ad (`InLine` or
    /// `Wrapper`).
    pub(super) fn row(&self, element: Name) -> &'static Row {
        self.edition.row(element, self.within)
    }

    fn here(&self) -> &'static Row {
        self.frames.last().map_or_else(|| self.row(Name::Unknown), |frame| frame.row)
    }

    /// The name of the current element.
    pub(super) fn name(&self) -> Name {
        self.frames.last().map_or(Name::Unknown, |frame| frame.name)
    }

    /// The position of the current element among those of its name, starting at 1.
    pub(super) fn number(&self) -> usize {
        self.frames.last().and_then(|frame| frame.number).unwrap_or(1)
    }

    /// Whether the version has this child in the current element.
    pub(super) fn knows(&self, child: Name) -> bool {
        self.here().child(child).is_some()
    }

    /// Whether the version has this attribute at the current element.
    pub(super) fn has(&self, key: Key) -> bool {
        self.here().attributes.contains(&key)
    }

    /// Records a change of the current element.
    pub(super) fn note(&mut self, kind: ChangeKind) {
        let path = self.path();
        self.changes.push(Change { path, kind });
    }

    /// Records a change of an attribute of the current element.
    pub(super) fn note_attribute(&mut self, name: &str, kind: ChangeKind) {
        let path = format!("{}@{name}", self.path());
        self.changes.push(Change { path, kind });
    }

    /// Records a change of a child of the current element. Any name is allowed, also one that is not in the standard.
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

    /// Drops the attributes of `part` that the version does not have at the current element.
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

    /// Drops a child if the version does not have it; otherwise visits it.
    pub(super) fn child<T>(&mut self, name: Name, child: &mut Option<T>, visit: impl FnOnce(&mut Walk, &mut T)) {
        let Some(there) = child else { return };
        if self.knows(name) {
            self.inside(name, None, |walk| visit(walk, there));
        } else {
            *child = None;
            self.note_element(name.as_str(), ChangeKind::Dropped);
        }
    }

    /// Visits the children that the version has, and drops the others: all of them if the version does not have this child,
    /// all but the first if it allows only one.
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

    /// Visits a child that only contains a group of elements.
    pub(super) fn group(&mut self, name: Name, visit: impl FnOnce(&mut Walk)) {
        self.inside(name, None, visit);
    }

    /// Whether the version has the event at this place, under any of its names.
    pub(super) fn knows_event(&self, event: &Event, unit: Unit) -> bool {
        self.edition.event(event, unit).is_some()
    }
}

/// The `visit` function for children that contain nothing that differs between versions.
pub(super) fn leaf<T>(_: &mut Walk, _: &mut T) {}
