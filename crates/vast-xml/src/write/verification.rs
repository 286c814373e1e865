//! `AdVerifications` (VAST 4.3, sections 3.16 and 3.17).

use super::part::{Content, Leaf, Part, Writer};
use super::tag::Tag;
use super::text::text;
use super::tracking;
use crate::model::{Executable, Extra, Verification, VerificationResource};
use crate::xml::{Key, Name};

impl Verification {
    /// The resources of the kind with this name: the schema groups them so.
    fn resources(&self, name: Name) -> impl Iterator<Item = &VerificationResource> {
        self.resources.iter().filter(move |resource| kind(resource) == name)
    }
}

fn kind(resource: &VerificationResource) -> Name {
    match resource.executable {
        Executable::JavaScript { .. } => Name::JavaScriptResource,
        Executable::Native { .. } => Name::ExecutableResource,
    }
}

impl Part for Verification {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        tag.text(Key::Vendor, self.vendor.as_ref());
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::Tracking => self.tracking_events.len(),
            Name::VerificationParameters => self.parameters.iter().len(),
            _ => self.resources(name).count(),
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, leaf: Leaf<'_, '_>) {
        match name {
            Name::Tracking => writer.part(name, &self.tracking_events[index]),
            Name::VerificationParameters => text(writer, name, leaf, self.parameters.as_ref()),
            _ => self.resources(name).skip(index).take(1).for_each(|resource| writer.part(name, resource)),
        }
    }

    fn list_attributes(&self, tag: &mut Tag<'_>, name: Name, index: usize) {
        if name == Name::Tracking {
            tracking::list_attributes(tag, &self.tracking_events[index]);
        }
    }

    fn can_share_list(&self, name: Name, one: usize, other: usize) -> bool {
        name != Name::Tracking || tracking::can_share_list(&self.tracking_events, one, other)
    }
}

impl Part for VerificationResource {
    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        if let Executable::Native { mime_type } = &self.executable {
            tag.text(Key::Type, mime_type.as_ref());
        }
        tag.text(Key::ApiFramework, self.api_framework.as_ref());
        if let Executable::JavaScript { browser_optional } = self.executable {
            tag.value(Key::BrowserOptional, browser_optional);
        }
    }

    fn content(&self) -> Option<Content<'_>> {
        Some(Content::Uri(&self.url))
    }
}
