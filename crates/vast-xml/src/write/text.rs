//! Elements that are only text.

use super::part::{Content, Leaf, Writer};
use crate::Text;
use crate::xml::Name;

/// A text of which every character counts.
pub(super) fn whole(text: &str) -> Content<'_> {
    Content::Text(text.into())
}

/// A text without attributes, if there is one.
pub(super) fn text(writer: &mut Writer, name: Name, leaf: Leaf<'_, '_>, text: Option<&Text>) {
    if let Some(text) = text {
        writer.leaf(name, leaf, |_| {}, whole(text));
    }
}
