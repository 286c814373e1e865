//! `TrackingEvents` of a break (VMAP 1.0.1, section 2.3.3).

use crate::model::Extra;
use crate::vmap::BreakTracking;
use crate::write::{Content, Part, Tag};
use crate::xml::Key;

impl Part for BreakTracking {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.word(Key::Event, Some(self.event.as_str()).filter(|name| !name.is_empty()));
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Uri(&self.url))
    }
}
