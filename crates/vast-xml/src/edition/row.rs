//! The types from which the tables of the versions are built.

use crate::model::Event;
use crate::xml::{Key, Name};

/// The kinds of ads to which a row applies: some elements have different content in `InLine` and in `Wrapper`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    /// In both kinds of ads.
    Both,
    /// In `InLine` only.
    InLine,
    /// In `Wrapper` only.
    Wrapper,
}

/// An element, with its attributes and children in a version's schema.
#[derive(Debug)]
pub(crate) struct Row {
    pub(super) element: Name,
    pub(super) within: Within,
    /// The attributes of the element.
    pub(crate) attributes: &'static [Key],
    /// The children of the element, in the schema's order.
    pub(crate) children: &'static [ChildRule],
}

/// A child of an element.
#[derive(Debug)]
pub(crate) struct ChildRule {
    pub(crate) name: Name,
    /// Whether the child may occur more than once.
    pub(crate) is_many: bool,
}

/// The row for elements that the version does not have.
pub(super) static NOTHING: Row = Row { element: Name::Unknown, within: Within::Both, attributes: &[], children: &[] };

impl Row {
    /// The child with this name, if the element has it.
    pub(crate) fn child(&self, name: Name) -> Option<&'static ChildRule> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// The place of trackers, on which the allowed events depend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Trackers under `Linear`.
    Linear,
    /// Trackers under `NonLinearAds` and `Companion`.
    Other,
}

/// The events of a version. If an event has several names here, all are valid, and the first is used when an event has to be
/// renamed.
#[derive(Debug)]
pub(super) struct Events {
    /// Events that are allowed at every place, in several lists.
    pub(super) both: &'static [&'static [Event]],
    /// Additional events under `Linear`.
    pub(super) linear: &'static [Event],
    /// Additional events at the other places.
    pub(super) other: &'static [Event],
}

impl Events {
    pub(super) fn at(&self, unit: Unit) -> impl Iterator<Item = &'static Event> {
        let own = match unit {
            Unit::Linear => self.linear,
            Unit::Other => self.other,
        };
        self.both.iter().copied().flatten().chain(own)
    }
}

/// Makes one row for each element: `Name in Within: [attributes] { children }`. Children in brackets may occur more than
/// once. The row for one kind of ad must come before the row for both, because the first match is used.
macro_rules! rows {
    (@within) => { Within::Both };
    (@within $within:ident) => { Within::$within };
    (@child [$name:ident]) => { ChildRule { name: Name::$name, is_many: true } };
    (@child $name:ident) => { ChildRule { name: Name::$name, is_many: false } };
    ($($element:ident $(in $within:ident)?: [$($key:ident)*] { $($child:tt)* })*) => {
        &[$(Row {
            element: Name::$element,
            within: rows!(@within $($within)?),
            attributes: &[$(Key::$key),*],
            children: &[$(rows!(@child $child)),*],
        }),*]
    };
}

pub(super) use rows;
