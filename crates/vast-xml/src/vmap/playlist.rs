//! The root (VMAP 1.0.1, section 2.3).

use super::AdBreak;
use crate::model::{Extension, Extra};
use crate::text::Text;

/// The namespace of the standard.
pub(super) const NAMESPACE: &str = "http://www.iab.net/videosuite/vmap";

/// A whole VMAP document. A playlist without breaks means that the content has no ads, which is not an error (section
/// 2.6).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Vmap {
    /// `VMAP@version` as written: `1.0`, seldom `1.0.1`.
    pub version: Option<Text>,
    /// The breaks in document order, which may differ from the order of their times. Breaks at the same time are due in
    /// document order.
    pub breaks: Vec<AdBreak>,
    /// Vendor extensions (section 2.7).
    pub extensions: Vec<Extension>,
    /// Unknown parts, and the namespace declarations of the root. The declaration of the prefix `vmap` is omitted,
    /// because it is always the standard's namespace.
    pub extra: Extra,
}

impl Vmap {
    /// A playlist of version 1.0 without breaks.
    pub fn new() -> Vmap {
        Vmap { version: Some("1.0".into()), ..Vmap::default() }
    }
}
