//! [`Extra`]: what stands in an element without belonging there.

use super::{Attribute, Element, Layout};
use std::fmt;
use std::ops::{Deref, DerefMut};

/// The attributes and elements of a part of the model that the standard does not know at that place, and values that
/// could not be read as what they should be. Kept so that nothing is lost when the document is written back.
///
/// One pointer wide and without allocation while empty. Reads and writes like the [`ExtraParts`] in it:
/// `extra.elements.is_empty()`, `extra.attributes.push(..)`.
///
/// An unknown part of a container that has no type of its own (`TrackingEvents`, `MediaFiles`, ...) or of an element
/// that is only text is kept as an element of that container's name holding only the unknown part.
#[derive(Clone, Default)]
pub struct Extra(Option<Box<ExtraParts>>);

/// What an [`Extra`] holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtraParts {
    /// Unknown attributes, namespace declarations among them, in document order.
    pub attributes: Vec<Attribute>,
    /// Unknown child elements, in document order.
    pub elements: Vec<Element>,
    /// How the document wrote the part, where that is not how the writer would.
    pub layout: Layout,
}

static NOTHING: ExtraParts = ExtraParts { attributes: Vec::new(), elements: Vec::new(), layout: Layout::NONE };

impl Extra {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.elements.is_empty() && self.layout.is_empty()
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
