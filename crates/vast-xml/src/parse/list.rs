//! Lists whose parts are read in their places.

/// Adds an empty part to a list and returns a reference to it. Adding it after it was read would copy the part.
pub(super) fn added<P: Default>(into: &mut Vec<P>) -> &mut P {
    added_with(into, P::default)
}

/// Like [`added`], for a part that `new` makes.
pub(super) fn added_with<P>(into: &mut Vec<P>, new: impl FnMut() -> P) -> &mut P {
    if into.capacity() == 0 {
        *into = Vec::with_capacity(first_room::<P>());
    }
    into.resize_with(into.len() + 1, new);
    let last = into.len() - 1;
    &mut into[last]
}

/// For how many parts a list reserves room when it gets its first one: at most four, and no more than fit into 1,000 bytes; one if a part
/// is larger. Allocators are fast for small blocks (glibc for those of up to 1,032 bytes); a larger block takes several times as long.
const fn first_room<P>() -> usize {
    match 1_000 / size_of::<P>() {
        0 => 1,
        room @ 1..4 => room,
        _ => 4,
    }
}
