//! [`EditError`]: why an edit was refused.

/// Why an edit was refused. A refused edit changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EditError {
    /// The element was removed, or it belongs to another editor.
    NoSuchElement,
    /// The element has no end, because the document is truncated or damaged inside it.
    Unfinished,
    /// The start tag of the element is damaged in such a way that the changed tag would not be read as it is meant. Example:
    /// `<Ad '''="'" id=x">`.
    BrokenTag,
    /// The edit is not possible at this element. Examples: a tracker that belongs to another kind of element, text
    /// beside child elements, child elements beside text, the removal of the root.
    WrongPlace,
    /// A name that XML does not allow.
    InvalidName,
    /// Content that is not well-formed XML.
    InvalidMarkup,
}

impl std::fmt::Display for EditError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            EditError::NoSuchElement => "the element was removed or belongs to another document",
            EditError::Unfinished => "the document breaks off in the element",
            EditError::BrokenTag => "the start tag of the element is damaged",
            EditError::WrongPlace => "the element cannot have this",
            EditError::InvalidName => "XML does not allow the name",
            EditError::InvalidMarkup => "the content is not well-formed XML",
        })
    }
}

impl std::error::Error for EditError {}
