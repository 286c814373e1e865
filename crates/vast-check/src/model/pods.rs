//! Several ads in one document.

use crate::outline::OutlineElement;

/// The position in the pod; `None` for a stand-alone ad: no `sequence`, 0, or a value that is not a number.
pub(super) fn sequence(ad: &OutlineElement<'_>) -> Option<u32> {
    ad.attribute("sequence")?.value.trim().parse().ok().filter(|sequence| *sequence > 0)
}
