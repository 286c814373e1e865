//! Elements of the standard at wrong places. An ad with such elements is arranged as the standard has it and read again, in
//! documents of VAST 2.0 and later.
//!
//! An element is moved within its ad, to the nearest place where the standard has it:
//!
//! - It goes to an element around it that may have it (`CompanionAds` in `Linear`, `Impression` in `Creative`), or down from
//!   there to an element that may have it (`Linear` in `InLine`, `ClickThrough` in `Linear`, `MediaFile` in `TrackingEvents`).
//! - On its way down it goes into elements that are there. Missing groups are added, and so are a missing `ViewableImpression`,
//!   `Creative`, `Linear`, `NonLinearAds` and `CompanionAds`, and a `Verification` for the only script directly in
//!   `AdVerifications`. A second `Linear`, `NonLinearAds` or `CompanionAds` gets a separate `Creative`, also
//!   one that is at the right place, and a second `ViewableImpression` is added to the first.
//! - A group that the standard does not have, such as `Impressions` or `Errors`, is left out: the elements in it whose plural is
//!   the name of the group are read as if they stood where the group stands.
//! - Directly in `Ad` it goes to the `InLine` or `Wrapper`. If there is neither, an ad tag at a wrong place makes the ad a
//!   `Wrapper`, and creatives or media files at wrong places make it an `InLine`. Both may stand outside an `Ad` too.
//!
//! An ad is arranged up to eight times, because an element that was moved may have elements at wrong places too. What is read
//! again in this way has a limit in sum, so that the time stays linear in the size of the document.
//!
//! Where the meaning is not clear, the element stays an unknown element with a warning:
//!
//! - The element that it could go into is there several times: companions, non-linear ads, icons, verifications, creatives for
//!   a `UniversalAdId` or an extension, and linear ads for media files. (Events and clicks go to the first linear ad.)
//! - It would need a new `Companion`, `NonLinear` or `Icon`, or a new `Verification` for one of several scripts, or a `Linear` in a creative that has another kind
//!   of ad.
//! - It is a resource, a media file or a duration, and a companion, a non-linear ad or an icon is not directly below its place.
//! - It is an element that only wrappers have in an `InLine`, or the reverse.
//! - It is a `ViewableImpression` in `Verification`, which VAST 4.0 has there with another meaning.
//! - It stands outside all ads, or in an element that the standard does not have. The content of extensions and parameters is
//!   never looked at.

mod homes;
mod tree;

pub(crate) use homes::Moved;

use crate::xml::{Cursor, Name, Parsed, Rewritten};
use homes::Homes;
use std::ops::Range;
use tree::Tree;

/// An ad with its elements at the places of the standard.
pub(crate) struct Rearranged {
    pub(crate) text: Rewritten,
    pub(crate) moved: Vec<Moved>,
}

/// Arranges the ad in `range`, which was just read. `None` if no element can be moved.
pub(crate) fn rearranged(cursor: &mut Cursor<'_>, range: Range<usize>) -> Parsed<Option<Rearranged>> {
    let misplaced = cursor.take_misplaced();
    if !cursor.may_read_again(range.len()) {
        return Ok(None);
    }
    let tree = Tree::read(cursor, range, &misplaced)?;
    let (tree, moved) = Homes::new(tree).settle();
    if moved.is_empty() {
        return Ok(None);
    }
    let mut text = Rewritten::default();
    tree.write(cursor, &mut text);
    Ok(Some(Rearranged { text, moved }))
}

/// An element in a new `outer` element.
pub(crate) fn wrapped(cursor: &Cursor<'_>, range: Range<usize>, outer: Name) -> Rewritten {
    let mut text = Rewritten::default();
    text.insert(&["<", outer.as_str(), ">"], range.start);
    text.copy(cursor.slice(0..range.end), range.clone());
    text.insert(&["</", outer.as_str(), ">"], range.start);
    text
}
