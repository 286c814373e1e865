//! `Icons` (VAST 4.3, section 3.11).

use super::part::{Content, Leaf, Part, Writer};
use super::resource;
use super::tag::Tag;
use super::text::text;
use crate::model::{Extra, FallbackImage, Icon, Offset};
use crate::xml::{Key, Name};

impl Part for Icon {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Program, self.program.as_ref());
        tag.value(Key::Width, self.width);
        tag.value(Key::Height, self.height);
        tag.text(Key::XPosition, self.x_position.as_ref());
        tag.text(Key::YPosition, self.y_position.as_ref());
        tag.offset(Key::Duration, self.duration.map(Offset::Time));
        tag.offset(Key::Offset, self.offset);
        tag.text(Key::ApiFramework, self.api_framework.as_ref());
        tag.value(Key::PxRatio, self.px_ratio.filter(|ratio| ratio.is_finite()));
        tag.text(Key::AltText, self.alt_text.as_ref());
        tag.text(Key::HoverText, self.hover_text.as_ref());
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::IconClickFallbackImage => self.fallback_images.len(),
            Name::IconClickThrough => self.click_through.iter().len(),
            Name::IconClickTracking => self.click_tracking.len(),
            Name::IconViewTracking => self.view_tracking.len(),
            _ => resource::count(&self.resources, name),
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::IconClickFallbackImage => writer.part(name, &self.fallback_images[index]),
            Name::IconClickThrough => self.click_through.iter().for_each(|click| writer.part(name, click)),
            Name::IconClickTracking => writer.part(name, &self.click_tracking[index]),
            Name::IconViewTracking => writer.leaf(name, leaf, |_| {}, Content::Uri(&self.view_tracking[index])),
            _ => resource::item(&self.resources, writer, name, index, leaf),
        }
    }
}

impl Part for FallbackImage {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.value(Key::Width, self.width);
        tag.value(Key::Height, self.height);
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::AltText => self.alt_text.iter().len(),
            _ => resource::count(&self.resources, name),
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::AltText => text(writer, name, leaf, self.alt_text.as_ref()),
            _ => resource::item(&self.resources, writer, name, index, leaf),
        }
    }
}
