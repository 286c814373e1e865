//! [`Form`]: in what form a document is written.

/// In what form a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it was read: its order, names and spellings.
    AsRead,
    /// In the order of the 4.2 schema and the standard's spelling.
    Canonical,
}
