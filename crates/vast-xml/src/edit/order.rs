//! Finds the place for a new child of an element, in the order of the document's version.

use crate::edition::{Within, edition};
use crate::version::Version;
use crate::xml::Name;

/// The element of the standard with this name, which may have a prefix.
pub(super) fn known(name: &str) -> Name {
    Name::find(name.rsplit(':').next().unwrap_or_default()).0
}

/// The children of an ad break (VMAP 1.0.1, section 2.3.1).
const AD_BREAK: &[Name] = &[Name::AdSource, Name::TrackingEvents, Name::Extensions];

/// The children of an element in the order of a version.
fn children(version: Version, parent: Name, within: Within) -> Vec<Name> {
    match parent {
        Name::AdBreak => AD_BREAK.to_vec(),
        _ => edition(version).row(parent, within).children.iter().map(|child| child.name).collect(),
    }
}

/// The index for a new child among the existing children: after the last child with the same name, or else after the
/// children that precede it in the version's order. It is the last index if the version does not have this child.
pub(super) fn place(version: Version, parent: Name, within: Within, present: &[Name], new: Name) -> usize {
    if let Some(last) = present.iter().rposition(|name| *name == new) {
        return last + 1;
    }
    let order = children(version, parent, within);
    let rank = |name: Name| order.iter().position(|known| *known == name);
    let Some(own) = rank(new) else { return present.len() };
    let is_before = |name: &Name| rank(*name).is_some_and(|other| other < own);
    present.iter().rposition(is_before).map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Name::*;

    #[test]
    fn new_children_stand_where_the_version_has_them() {
        let at = |version, present: &[Name], new| place(version, InLine, Within::InLine, present, new);
        let cases: &[(Version, &[Name], Name, usize)] = &[
            (Version::V3_0, &[AdSystem, Impression, AdTitle, Impression, Creatives], Impression, 4),
            (Version::V3_0, &[AdSystem, AdTitle, Impression, Creatives], Error, 2),
            (Version::V4_2, &[AdSystem, Impression, AdTitle], Error, 1),
            (Version::V4_2, &[AdTitle, Creatives], AdSystem, 0),
            (Version::V4_2, &[AdTitle, Unknown, Creatives], Unknown, 2),
            (Version::V2_0, &[AdSystem], Pricing, 1),
            (Version::V4_2, &[], Impression, 0),
        ];
        for (version, present, new, index) in cases {
            assert_eq!(at(*version, present, *new), *index, "{version}: {new:?} in {present:?}");
        }
    }
}
