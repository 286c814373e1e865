//! URLs with an owner.

use super::part::{Content, Part};
use super::tag::Tag;
use crate::model::{Click, Extra};
use crate::xml::Key;

impl Part for Click {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Id, self.id.as_ref());
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Uri(&self.url))
    }
}
