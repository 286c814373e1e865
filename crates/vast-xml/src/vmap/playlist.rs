//! The root (VMAP 1.0.1, section 2.3).

use super::AdBreak;
use crate::Text;
use crate::model::{Extension, Extra};

/// The namespace of the standard.
pub(super) const NAMESPACE: &str = "http://www.iab.net/videosuite/vmap";

/// A whole playlist. Without a break there are no ads for the content, which is no error (section 2.6).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Vmap {
    /// `VMAP@version` as written: `1.0`, seldom `1.0.1`.
    pub version: Option<Text>,
    /// The breaks in document order, which need not be that of their times. Of breaks at the same time the first one is
    /// due first.
    pub breaks: Vec<AdBreak>,
    /// What the standard leaves to others (section 2.7).
    pub extensions: Vec<Extension>,
    /// Unknown parts, and the namespace declarations of the root but for that of the prefix `vmap`, which is always the
    /// standard's.
    pub extra: Extra,
}

impl Vmap {
    /// A playlist of version 1.0 without breaks.
    pub fn new() -> Vmap {
        Vmap { version: Some("1.0".into()), ..Vmap::default() }
    }
}
