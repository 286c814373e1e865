//! [`Extra`]: what stands in an element although the standard does not know it there.

use super::{Attribute, Element};
use crate::Text;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// The attributes and elements of a part of the model that the standard does not know at that place, and values that
/// could not be read as what they should be. They are kept so that nothing is lost when the document is written.
///
/// It is one pointer wide and allocates nothing while it is empty. It reads and writes like the [`ExtraParts`] in it:
/// `extra.elements.is_empty()`, `extra.attributes.push(..)`.
#[derive(Clone, Default)]
pub struct Extra(Option<Box<ExtraParts>>);

/// What an [`Extra`] holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtraParts {
    /// Unknown attributes, namespace declarations among them, in document order.
    pub attributes: Vec<Attribute>,
    /// Unknown child elements, in document order.
    pub elements: Vec<Element>,
    /// Unknown parts of known children that have no type in the model, sorted by name and index.
    pub children: Vec<ChildExtra>,
}

/// The unknown parts of a child that has no type in the model, so no [`Extra`]: a group such as `TrackingEvents` or
/// `MediaFiles`, or an element that is only a text or a URL, such as `AdTitle` or `Error`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildExtra {
    /// The child's name, in the spelling of the standard and without a prefix.
    pub name: Text,
    /// Which of the children of this name it is, from 0. A group always has 0.
    pub index: usize,
    /// The unknown parts.
    pub extra: Extra,
}

static NOTHING: ExtraParts = ExtraParts { attributes: Vec::new(), elements: Vec::new(), children: Vec::new() };

impl Extra {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.elements.is_empty() && self.children.is_empty()
    }

    /// The unknown parts of the child with this name and index.
    pub fn of_child(&self, name: &str, index: usize) -> Option<&Extra> {
        let children = &self.children;
        let found = children.binary_search_by(|one| (one.name.as_str(), one.index).cmp(&(name, index))).ok()?;
        Some(&children[found].extra)
    }

    /// The same, to be changed. It is made if it is not there.
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
    /// An allocated one in which nothing is left equals one that was never allocated.
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

/// Where a document has a part that older versions put into an extension (VAST CTV Addendum 2024; VAST 4.3,
/// section 1.8). The extension itself is kept too, so a writer need not write such a part twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Place {
    /// At the place that the standard gives it.
    #[default]
    Native,
    /// In an `Extension` or `CreativeExtension` of the part's name.
    Extension,
}
