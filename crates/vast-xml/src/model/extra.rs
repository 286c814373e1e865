//! [`Extra`]: the unknown parts of an element.

use super::{Attribute, Element};
use crate::text::Text;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// The unknown parts of a part of the model: attributes and elements that the standard does not have at this place, and
/// values that could not be read. They are kept so that nothing is lost when the document is written.
///
/// An `Extra` has the size of one pointer and allocates nothing while it is empty. It dereferences to [`ExtraParts`]:
/// `extra.elements.is_empty()`, `extra.attributes.push(..)`.
#[derive(Clone, Default)]
pub struct Extra(Option<Box<ExtraParts>>);

/// The content of an [`Extra`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtraParts {
    /// Unknown attributes and namespace declarations, in document order.
    pub attributes: Vec<Attribute>,
    /// Unknown child elements, in document order.
    pub elements: Vec<Element>,
    /// Unknown parts of known children that have no type in the model, sorted by name and index.
    pub children: Vec<ChildExtra>,
}

/// The unknown parts of a child that has no type in the model and therefore no [`Extra`]. Such a child is a group such
/// as `TrackingEvents` or `MediaFiles`, or an element with only a text or a URL, such as `AdTitle` or `Error`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildExtra {
    /// The child's name, in the spelling of the standard and without a prefix.
    pub name: Text,
    /// The index of the child among the children with this name, from 0. A group always has 0.
    pub index: usize,
    /// The unknown parts.
    pub extra: Extra,
}

static NOTHING: ExtraParts = ExtraParts { attributes: Vec::new(), elements: Vec::new(), children: Vec::new() };

impl Extra {
    /// Whether there are no unknown parts.
    pub fn is_empty(&self) -> bool {
        let is_empty =
            |parts: &ExtraParts| parts.attributes.is_empty() && parts.elements.is_empty() && parts.children.is_empty();
        self.0.as_deref().is_none_or(is_empty)
    }

    /// The unknown parts of the child with this name and index.
    pub fn of_child(&self, name: &str, index: usize) -> Option<&Extra> {
        let children = &self.children;
        let found = children.binary_search_by(|one| (one.name.as_str(), one.index).cmp(&(name, index))).ok()?;
        Some(&children[found].extra)
    }

    /// Like `of_child`, but mutable. Missing parts are created.
    pub fn of_child_mut(&mut self, name: &str, index: usize) -> &mut Extra {
        let children = &mut self.children;
        let found = children.binary_search_by(|one| (one.name.as_str(), one.index).cmp(&(name, index)));
        let found = found.unwrap_or_else(|place| {
            children.insert(place, ChildExtra { name: name.into(), index, extra: Extra::default() });
            place
        });
        &mut children[found].extra
    }
}

impl Deref for Extra {
    type Target = ExtraParts;

    fn deref(&self) -> &ExtraParts {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Extra {
    fn deref_mut(&mut self) -> &mut ExtraParts {
        self.0.get_or_insert_default()
    }
}

impl From<ExtraParts> for Extra {
    fn from(parts: ExtraParts) -> Extra {
        Extra(Some(Box::new(parts)))
    }
}

impl PartialEq for Extra {
    /// An `Extra` whose parts were all removed equals one that was always empty.
    fn eq(&self, other: &Extra) -> bool {
        **self == **other
    }
}

impl Eq for Extra {}

impl fmt::Debug for Extra {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() { formatter.write_str("Extra") } else { fmt::Debug::fmt(&**self, formatter) }
    }
}

/// The place of a part that documents of older versions have in an extension (VAST CTV Addendum 2024; VAST 4.3, section
/// 1.8). The extension is kept too, so the writer does not write such a part a second time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Place {
    /// In its own element, at the standard's place.
    #[default]
    Native,
    /// In an `Extension` or `CreativeExtension` whose type is the name of the part, and verifications also in one without a type or
    /// directly in `Extensions`.
    Extension,
}
