//! What the tables of the versions are made of.

use crate::model::Event;
use crate::xml::{Key, Name};

/// Whether an element has the same content everywhere or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    /// In both kinds of ads.
    Both,
    /// In `InLine` only.
    InLine,
    /// In `Wrapper` only.
    Wrapper,
}

/// An element with what a version's schema has in it.
#[derive(Debug)]
pub(crate) struct Row {
    pub(super) element: Name,
    pub(super) within: Within,
    /// Its attributes.
    pub(crate) attributes: &'static [Key],
    /// Its children, in the schema's order.
    pub(crate) children: &'static [ChildRule],
}

/// A child of an element.
#[derive(Debug)]
pub(crate) struct ChildRule {
    pub(crate) name: Name,
    /// Whether it may stand more than once.
    pub(crate) is_many: bool,
}

/// An element of which nothing is known.
pub(super) static NOTHING: Row = Row { element: Name::Unknown, within: Within::Both, attributes: &[], children: &[] };

impl Row {
    /// The child with this name, if the element has it.
    pub(crate) fn child(&self, name: Name) -> Option<&'static ChildRule> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// Where trackers stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Under `Linear`.
    Linear,
    /// Under `NonLinearAds` and `Companion`.
    Other,
}

/// The events of a version. Of several spellings of one event the first is the version's own; the others are as good.
#[derive(Debug)]
pub(super) struct Events {
    /// At every place, in several lists.
    pub(super) both: &'static [&'static [Event]],
    /// More under `Linear`.
    pub(super) linear: &'static [Event],
    /// More at the other places.
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

/// One row for each element: `Name in Within: [attributes] { children }`, children in brackets may stand again. Rows for
/// one kind of ad come before those for both.
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
