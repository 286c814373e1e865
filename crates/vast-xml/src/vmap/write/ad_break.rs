//! `AdBreak` (VMAP 1.0.1, section 2.3.1).

use crate::model::Extra;
use crate::vmap::{AdBreak, BreakType};
use crate::write::{Leaf, Part, Tag, Writer, extension};
use crate::xml::{Key, Name};

impl Part for AdBreak {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.value(Key::TimeOffset, self.time_offset);
        let types: Vec<&str> = self.break_types.iter().map(BreakType::as_str).collect();
        tag.word(Key::BreakType, Some(&*types.join(",")).filter(|types| !types.is_empty()));
        tag.text(Key::BreakId, self.break_id.as_ref());
        tag.value(Key::RepeatAfter, self.repeat_after);
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::AdSource => usize::from(self.source.is_some()),
            Name::Tracking => self.tracking_events.len(),
            Name::Extension => self.extensions.len(),
            _ => 0,
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, _: Leaf<'_, '_>) {
        match name {
            Name::AdSource => self.source.iter().for_each(|source| writer.part(name, source)),
            Name::Tracking => writer.part(name, &self.tracking_events[index]),
            _ => extension(writer, &self.extensions[index], name),
        }
    }
}
