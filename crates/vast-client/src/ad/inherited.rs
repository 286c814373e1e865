//! An item with the document it came from.

/// An item of one level of a resolved ad.
#[derive(Debug)]
pub struct Inherited<'a, T> {
    /// The document the item came from; 0 is the source's own.
    pub hop: u32,
    /// The item.
    pub item: &'a T,
}

impl<T> Clone for Inherited<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Inherited<'_, T> {}

/// All of `items`, which document `hop` holds.
pub(super) fn inherited<'a, T>(
    hop: u32,
    items: &'a [T],
) -> impl DoubleEndedIterator<Item = Inherited<'a, T>> + use<'a, T> {
    items.iter().map(move |item| Inherited { hop, item })
}
