//! The elements of a document that is edited.

use super::new_element::NewElement;
use std::ops::Range;

/// An element of a document that an [`Editor`](super::Editor) edits. It belongs to that editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementId(pub(super) usize);

/// An element that was read or inserted.
#[derive(Debug)]
pub(super) struct EditNode {
    pub(super) parent: Option<ElementId>,
    /// The children: those that were read, including removed ones, and those that were inserted.
    pub(super) children: Vec<ElementId>,
    pub(super) origin: NodeOrigin,
    pub(super) is_removed: bool,
}

/// Whether an element was read or inserted.
#[derive(Debug)]
pub(super) enum NodeOrigin {
    Read(Extent),
    /// The children are separate nodes, so the list of children in the element is empty.
    Inserted {
        element: NewElement,
        /// The element that the inserted element replaces.
        replaces: Option<ElementId>,
    },
}

/// The place of an element that was read, and the changes of this element. Ranges are ranges of its layer's text.
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
    /// There is no end, because the document is truncated or damaged inside the element.
    Missing,
}

/// The changes of an element that was read, without those of its children.
#[derive(Debug, Default)]
pub(super) struct ElementChange {
    pub(super) text: Option<String>,
    /// New values by the name of the attribute; `None` removes the attribute.
    pub(super) attributes: Vec<(String, Option<String>)>,
}

impl Extent {
    /// The changes of attributes.
    pub(super) fn wanted(&self) -> &[(String, Option<String>)] {
        self.change.as_ref().map_or(&[], |change| &change.attributes)
    }

    /// The range of the element with its tags; `None` if it has no end.
    pub(super) fn range(&self) -> Option<Range<usize>> {
        match self.ending {
            Ending::Empty => Some(self.tag.clone()),
            Ending::Tag(_, end) => Some(self.tag.start..end),
            Ending::Missing => None,
        }
    }

    /// The range between the tags; `None` if there is no end tag.
    pub(super) fn content(&self) -> Option<Range<usize>> {
        match self.ending {
            Ending::Tag(start, _) => Some(self.tag.end..start),
            Ending::Empty | Ending::Missing => None,
        }
    }
}
