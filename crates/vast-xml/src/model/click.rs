//! [`Click`]: a URL with an owner, of linear and non-linear ads, companions and icons.

use super::Extra;
use crate::Text;

/// A URL with the name of whoever it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Click {
    /// The URL, macros unexpanded.
    pub url: Text,
    /// `@id`.
    pub id: Option<Text>,
    /// Unknown parts.
    pub extra: Extra,
}

impl Click {
    /// A click with this URL.
    pub fn new(url: impl Into<Text>) -> Click {
        Click { url: url.into(), ..Click::default() }
    }
}
