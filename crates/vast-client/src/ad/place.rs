//! Where a part of an ad stands.

/// Where in the chain of an ad a part of it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The document; 0 is the source's own.
    pub hop: u32,
    /// The place of its creative among those of the level; 0 for what is no creative's.
    pub creative: usize,
    /// Its place among its like in the creative, or among the level's verifications.
    pub item: usize,
}

/// A part of an ad with its place.
#[derive(Debug)]
pub struct Placed<'a, T> {
    /// Where it stands.
    pub place: Place,
    /// The part.
    pub item: &'a T,
}

impl<T> Clone for Placed<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Placed<'_, T> {}

/// All of `items`, which creative number `creative` of document `hop` has.
pub(super) fn placed<'a, T>(
    hop: u32,
    creative: usize,
    items: &'a [T],
) -> impl DoubleEndedIterator<Item = Placed<'a, T>> + use<'a, T> {
    items.iter().enumerate().map(move |(item, part)| Placed { place: Place { hop, creative, item }, item: part })
}
