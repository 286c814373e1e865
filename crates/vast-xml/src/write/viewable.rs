//! `ViewableImpression` (VAST 4.3, section 3.5).

use super::part::{Content, Leaf, Part, Writer};
use super::tag::Tag;
use crate::Text;
use crate::model::{Extra, ViewableImpression};
use crate::xml::{Key, Name};

impl ViewableImpression {
    fn urls(&self, name: Name) -> &[Text] {
        match name {
            Name::Viewable => &self.viewable,
            Name::NotViewable => &self.not_viewable,
            Name::ViewUndetermined => &self.view_undetermined,
            _ => &[],
        }
    }
}

impl Part for ViewableImpression {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Id, self.id.as_ref());
    }

    fn count(&self, name: Name) -> usize {
        self.urls(name).len()
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        writer.leaf(name, leaf, |_| {}, Content::Uri(&self.urls(name)[index]));
    }
}
