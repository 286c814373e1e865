//! Several ads in one document.

use crate::outline::OutlineElement;

/// The place in the pod; none for a stand-alone ad, which may also say 0 or something that is no number.
pub(super) fn sequence(ad: &OutlineElement<'_>) -> Option<u32> {
    ad.attribute("sequence")?.value.trim().parse().ok().filter(|sequence| *sequence > 0)
}
