//! Parts of an ad, each with its document and its position in it.

/// An item with the document from which it was read.
#[derive(Debug)]
pub struct Inherited<'a, T> {
    /// The number of the document in its source's tree; 0 is the source's own.
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

/// All of `items`, which were read from document `hop`.
pub(super) fn inherited<'a, T>(
    hop: u32,
    items: &'a [T],
) -> impl DoubleEndedIterator<Item = Inherited<'a, T>> + use<'a, T> {
    items.iter().map(move |item| Inherited { hop, item })
}

/// Identifies a part of a resolved ad: an icon, a companion, a nonlinear ad or a verification of one of its levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartIndex {
    /// The number of the document in its source's tree; 0 is the source's own.
    pub hop: u32,
    /// The index of the creative in that level, from 0. 0 for a verification, which belongs to no creative.
    pub creative: usize,
    /// The index of the part among the parts of the same kind in the creative, or among the verifications of the level.
    pub item: usize,
}

/// A part of an ad with its index.
#[derive(Debug)]
pub struct IndexedPart<'a, T> {
    /// The index that identifies the part.
    pub index: PartIndex,
    /// The part.
    pub item: &'a T,
}

impl<T> Clone for IndexedPart<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for IndexedPart<'_, T> {}

/// All of `items`, which belong to creative number `creative` of document `hop`, with their indices.
pub(super) fn indexed<'a, T>(
    hop: u32,
    creative: usize,
    items: &'a [T],
) -> impl DoubleEndedIterator<Item = IndexedPart<'a, T>> + use<'a, T> {
    items
        .iter()
        .enumerate()
        .map(move |(item, part)| IndexedPart { index: PartIndex { hop, creative, item }, item: part })
}
