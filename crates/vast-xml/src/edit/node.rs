//! The elements of a document that is edited.

use super::new_element::NewElement;
use std::ops::Range;

/// An element of a document that an [`Editor`](super::Editor) edits. It belongs to that editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementId(pub(super) usize);

/// An element, read or inserted.
#[derive(Debug)]
pub(super) struct EditNode {
    pub(super) parent: Option<ElementId>,
    /// The children that were read, removed ones included, and the inserted ones.
    pub(super) children: Vec<ElementId>,
    pub(super) origin: NodeOrigin,
    pub(super) is_removed: bool,
}

/// Where an element is from.
#[derive(Debug)]
pub(super) enum NodeOrigin {
    Read(Extent),
    /// Its children are nodes, so that the list in the element is empty.
    Inserted {
        element: NewElement,
        /// The element that it replaces.
        replaces: Option<ElementId>,
    },
}

/// Where an element that was read stands, and what is changed in it. The ranges are of its layer's text.
#[derive(Debug)]
pub(super) struct Extent {
    pub(super) layer: usize,
    pub(super) name: Range<usize>,
    /// The start tag, `<` and `>` included.
    pub(super) tag: Range<usize>,
    pub(super) ending: Ending,
    /// Boxed because most elements have no change.
    pub(super) change: Option<Box<ElementChange>>,
}

/// How an element ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// `<x/>`.
    Empty,
    /// An end tag: where it begins and ends.
    Tag(usize, usize),
    /// The document breaks off in it.
    Missing,
}

/// What is changed in an element that was read, its children apart.
#[derive(Debug, Default)]
pub(super) struct ElementChange {
    pub(super) text: Option<String>,
    /// Attributes by name; those without a value are removed.
    pub(super) attributes: Vec<(String, Option<String>)>,
}

impl Extent {
    /// The element with its tags; nothing when it has no end.
    pub(super) fn range(&self) -> Option<Range<usize>> {
        match self.ending {
            Ending::Empty => Some(self.tag.clone()),
            Ending::Tag(_, end) => Some(self.tag.start..end),
            Ending::Missing => None,
        }
    }

    /// What is between the tags; nothing when there is no end tag.
    pub(super) fn content(&self) -> Option<Range<usize>> {
        match self.ending {
            Ending::Tag(start, _) => Some(self.tag.end..start),
            Ending::Empty | Ending::Missing => None,
        }
    }
}
